// SPDX-License-Identifier: BSD-3-Clause
/*
 * Stands in for the C library's start files, in a program that is fuzzed: see
 * fuzz/program.h. Linked with the program and musl into one object, of which
 * the rest of the world sees only what is named here.
 */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fuzz/program.h"

int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* musl's src/env/__libc_start_main.c */
__attribute__((visibility("hidden"))) void __init_libc(char **envp, char *name);

/* The program's constructors: what was .init_array (tools/fuzz-program). */
extern void (*const __start_eft_program_init[])(void) __attribute__((weak));
extern void (*const __stop_eft_program_init[])(void) __attribute__((weak));

static char name[] = "program", random[16] = "0123456789abcde";
static char *arguments[] = {name, NULL};

/* What the kernel lays above the environment: its end and pairs of words. */
static void init_libc(void)
{
	static uintptr_t environment[] = {
		0, AT_PAGESZ, 4096, AT_RANDOM, 0, AT_NULL, 0,
	};

	environment[4] = (uintptr_t)random;
	__init_libc((char **)environment, name);
}

void program_start(void)
{
	int argc = 1;
	char **argv = arguments;
	void (*const *constructor)(void) = __start_eft_program_init;

	init_libc();
	while (constructor < __stop_eft_program_init)
		(*constructor++)();
	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
}

int program_one(const uint8_t *data, size_t size)
{
	int result = LLVMFuzzerTestOneInput(data, size);

	fflush(NULL);
	return result;
}

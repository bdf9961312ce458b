// SPDX-License-Identifier: BSD-3-Clause
/*
 * A computation that has a known value in each register, those of vectors, and
 * the red zone below the stack pointer, and tells what it had there at its end.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tap.h"

enum { GENERAL = 14, VECTORS = 16, RED = 16 };

/* In the order of their loads: rax and the stack pointer are left out. */
struct state {
	uint64_t general[GENERAL]; /* rbx rcx rdx rsi rdi rbp r8 … r15 */
	uint64_t red[RED];	   /* the word at rsp - 8 first */
	uint64_t vectors[VECTORS][2];
};

static struct state before, after;
static volatile int wanted, came;

/*
 * Load `before`; if rdi is 0, fault, or else wait until (came) is as large as
 * (wanted); store `after`.
 */
void load_and_store(uint64_t how);
__asm__(".text\n"
	".type load_and_store, @function\n"
	"load_and_store:\n\t"
	"push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\t"
	"push %r14\n\tpush %r15\n\t"
	"mov %rdi, %rax\n\t"
	"lea before(%rip), %rsi\n\t"
	"lea -128(%rsp), %rdi\n\t"
	"mov $15, %ecx\n"
	"1:\tmov 112(%rsi), %rbx\n\t"
	"mov %rbx, (%rdi,%rcx,8)\n\t"
	"add $8, %rsi\n\t"
	"dec %ecx\n\tjns 1b\n\t"
	".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
	"movups before + 240 + 16 * \\n(%rip), %xmm\\n\n\t"
	".endr\n\t"
	"mov before(%rip), %rbx\n\tmov before + 8(%rip), %rcx\n\t"
	"mov before + 16(%rip), %rdx\n\tmov before + 24(%rip), %rsi\n\t"
	"mov before + 32(%rip), %rdi\n\tmov before + 40(%rip), %rbp\n\t"
	".irp n, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
	"mov before + 48 + 8 * (\\n - 8)(%rip), %r\\n\n\t"
	".endr\n\t"
	"test %rax, %rax\n\tjnz 2f\n\t"
	"ud2\n\tjmp 3f\n"
	"2:\tmov wanted(%rip), %eax\n\t"
	"cmp %eax, came(%rip)\n\tjl 2b\n"
	"3:\tmov %rbx, after(%rip)\n\tmov %rcx, after + 8(%rip)\n\t"
	"mov %rdx, after + 16(%rip)\n\tmov %rsi, after + 24(%rip)\n\t"
	"mov %rdi, after + 32(%rip)\n\tmov %rbp, after + 40(%rip)\n\t"
	".irp n, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
	"mov %r\\n, after + 48 + 8 * (\\n - 8)(%rip)\n\t"
	".endr\n\t"
	".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
	"movups %xmm\\n, after + 240 + 16 * \\n(%rip)\n\t"
	".endr\n\t"
	"lea after(%rip), %rsi\n\t"
	"lea -128(%rsp), %rdi\n\t"
	"mov $15, %ecx\n"
	"4:\tmov (%rdi,%rcx,8), %rbx\n\t"
	"mov %rbx, 112(%rsi)\n\t"
	"add $8, %rsi\n\t"
	"dec %ecx\n\tjns 4b\n\t"
	"pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\t"
	"pop %rbp\n\tpop %rbx\n\t"
	"ret\n"
	".size load_and_store, . - load_and_store\n");

static void registers_begin(void)
{
	uint64_t *words = (uint64_t *)&before;

	for (size_t i = 0; i < sizeof(before) / sizeof(*words); i++)
		words[i] = (i + 1) * 0x9e3779b97f4a7c15;
	memset(&after, 0, sizeof(after));
}

static void registers_check(const char *registers, const char *vectors,
			    const char *red)
{
	static const char *const names[GENERAL] = {
		"rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
		"r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

	for (int i = 0; i < GENERAL; i++) {
		if (before.general[i] != after.general[i])
			printf("# %s is another\n", names[i]);
	}
	ok(!memcmp(before.general, after.general, sizeof(before.general)),
	   registers);
	ok(!memcmp(before.vectors, after.vectors, sizeof(before.vectors)),
	   vectors);
	ok(!memcmp(before.red, after.red, sizeof(before.red)), red);
}

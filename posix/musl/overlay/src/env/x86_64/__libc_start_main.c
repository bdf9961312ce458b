// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own start, but for its check of the standard descriptors in
 * set-user-ID programs (poll, open of /dev/null): it would bring every image
 * a file system. The libOS sees to those descriptors.
 *
 * And functions whose code is chosen when the program starts (ifunc,
 * target_clones, libatomic) are: musl leaves that to compilers that know it.
 */
#include <elf.h>
#include <stdint.h>

#include "syscall.h"

#undef __syscall
#undef __sys_open
#define __syscall(...)		0
#define __sys_open(path, flags) 0

extern const hidden Elf64_Rela __rela_iplt_start[], __rela_iplt_end[];

/* R_X86_64_IRELATIVE: the addend is a function that says where (psABI 4.4). */
static void choose_functions(void)
{
	for (const Elf64_Rela *r = __rela_iplt_start; r < __rela_iplt_end; r++)
		*(uintptr_t *)r->r_offset = ((uintptr_t(*)(void))r->r_addend)();
}

/* The first of what has to be done before main(). */
#define _init() (choose_functions(), (_init)())

#include "../__libc_start_main.c"

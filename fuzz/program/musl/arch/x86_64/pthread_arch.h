// SPDX-License-Identifier: BSD-3-Clause
/*
 * The thread pointer where FS is the host's C library's: the running thread's,
 * by the per-CPU block (core/arch/x86_64/cpu.h, core/thread.h).
 */
#ifndef EFT_PTHREAD_ARCH
#define EFT_PTHREAD_ARCH

#include <stdint.h>

static inline uintptr_t __get_tp(void)
{
	uintptr_t tp;

	__asm__ volatile("mov %%gs:8, %0\n\t"
			 "mov 8(%0), %0"
			 : "=r"(tp));
	return tp;
}

#define MC_PC gregs[REG_RIP]

#endif

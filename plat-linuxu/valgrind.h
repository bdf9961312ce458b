// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Valgrind's client requests, as far as the process platform needs them.
 *
 * A request is four rotations of rdi that together change nothing, and an
 * exchange of rbx with itself, which the CPU does not notice and valgrind
 * does. Source: Valgrind manual, "The client request mechanism"; valgrind.h
 * (AMD64-linux) for the sequence and the numbers.
 */
#include "core/base.h"

enum {
	EFT_VG_RUNNING_ON_VALGRIND = 0x1001,
	EFT_VG_MALLOCLIKE_BLOCK = 0x1301,
	EFT_VG_FREELIKE_BLOCK = 0x1302,
	EFT_VG_STACK_REGISTER = 0x1501,
	EFT_VG_STACK_DEREGISTER = 0x1502,
	EFT_VG_MAKE_MEM_NOACCESS = 0x4d430000, /* 'M' 'C' base */
	EFT_VG_MAKE_MEM_UNDEFINED,
	EFT_VG_MAKE_MEM_DEFINED,
};

static inline uintptr_t eft_linuxu_valgrind(uintptr_t request, uintptr_t a,
					    uintptr_t b)
{
	volatile uintptr_t args[6] = {request, a, b, 0, 0, 0};
	uintptr_t result = 0;

	__asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi\n\t"
			 "rolq $61, %%rdi; rolq $51, %%rdi\n\t"
			 "xchgq %%rbx, %%rbx"
			 : "+d"(result)
			 : "a"(args)
			 : "cc", "memory");
	return result;
}

static inline bool eft_linuxu_under_valgrind(void)
{
	return eft_linuxu_valgrind(EFT_VG_RUNNING_ON_VALGRIND, 0, 0) != 0;
}

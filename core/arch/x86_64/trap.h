// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What a trap looks like on x86-64, on every platform.
 */
#include "core/base.h"

/*
 * The interrupted thread's registers. The guest's trap entry pushes them in
 * this order; the process platform copies them from the signal's context.
 */
struct eft_regs {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector; /* Intel SDM vol. 3 §6.3.1; 14 is the page fault */
	uint64_t error;	 /* the CPU's error code, 0 where it pushes none */
	uint64_t rip, cs, rflags, rsp, ss;
};

_Static_assert(sizeof(struct eft_regs) == 22 * 8, "trap entry pushes 22 words");

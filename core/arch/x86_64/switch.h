// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Context switch: see switch.S for the contracts.
 */
#include "core/base.h"

struct eft_thread;

void eft_switch(struct eft_thread *from, struct eft_thread *to);
void eft_thread_trampoline(void);
void eft_program_trampoline(void);

/* What eft_switch() finds on the stack of a thread. */
struct eft_switch_frame {
	uint32_t mxcsr;
	uint16_t x87_control, pad;
	uint64_t r15, r14, r13, r12, rbx, rbp, rip;
};

_Static_assert(sizeof(struct eft_switch_frame) == 64, "switch.S");

/* Reset values (Intel SDM vol. 1 §10.2.3, vol. 2 FNINIT). */
enum { EFT_MXCSR_RESET = 0x1f80, EFT_X87_RESET = 0x37f };

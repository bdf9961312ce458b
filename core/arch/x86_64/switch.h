// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Context switch: see switch.S for the contracts.
 */
#include "core/arch/x86_64/offsets.h"
#include "core/base.h"

struct eft_thread;

/* (rsp) is on the calling thread's libOS stack, or there is no other. */
bool eft_is_on_libos_stack(uintptr_t rsp);
/* Where the calling thread's libOS stack begins. */
uintptr_t eft_libos_stack_top(void);

void eft_switch(struct eft_thread *from, struct eft_thread *to);
void eft_thread_trampoline(void);
void eft_program_trampoline(void);
void eft_clone_trampoline(void);

/*
 * Where rsp passes by on its way from one stack to another; 0: it goes straight
 * there. For valgrind, which has one current stack for all CPUs, and takes a
 * step that leaves it for a change of stacks, where no frame begins or ends.
 * With several CPUs it knows of two stacks: the far one, and one that is all
 * the rest, so that no CPU leaves it but to change stacks.
 */
extern uintptr_t eft_far_stack;

/* What eft_switch() finds on the stack of a thread. */
struct eft_switch_frame {
	uint32_t mxcsr;
	uint16_t x87_control, pad;
	uint64_t r15, r14, r13, r12, rbx, rbp, rip;
};

_Static_assert(sizeof(struct eft_switch_frame) == 64, "switch.S");

/*
 * What XSAVE has to save of an interrupted thread, and how large that is; 0
 * bytes: FXSAVE does it. The platform's to set.
 */
extern uint64_t eft_xsave_bytes, eft_xsave_features;

void eft_divert_entry(void);

/* Where frames can be laid on the libOS stack of a thread at (rsp). */
static inline uintptr_t eft_libos_stack_below(uintptr_t rsp)
{
	if (eft_is_on_libos_stack(rsp))
		return eft_align_down(rsp - EFT_RED_ZONE, 16);
	return eft_libos_stack_top();
}

/*
 * Have a thread that was interrupted, or met a fault, at (*rip) with its stack at
 * (*rsp), call (function) when the interrupt returns, and then go on where it
 * was: on its libOS stack, since the program's may be too small, and is not
 * there in other spaces.
 */
static inline void eft_divert(uint64_t *rsp, uint64_t *rip, uint64_t rflags,
			      void (*function)(void))
{
	struct { /* for divert.S */
		void (*function)(void);
		uint64_t rip, cs, rflags, rsp, ss;
	} *back = (void *)(eft_libos_stack_below(*rsp) - sizeof(*back));

	back->function = function;
	back->rip = *rip;
	back->rflags = rflags;
	back->rsp = *rsp;
	__asm__("mov %%cs, %k0" : "=r"(back->cs));
	__asm__("mov %%ss, %k0" : "=r"(back->ss));
	*rsp = (uintptr_t)back;
	*rip = (uintptr_t)eft_divert_entry;
}

/* Reset values (Intel SDM vol. 1 §10.2.3, vol. 2 FNINIT). */
enum { EFT_MXCSR_RESET = 0x1f80, EFT_X87_RESET = 0x37f };

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The whole context of a thread, in memory, in the layout that a signal
 * handler of the program expects: see context.S for the contracts.
 */
#include "core/arch/x86_64/offsets.h"
#include "core/base.h"

/*
 * Linux's struct ucontext of x86-64 (arch/x86/include/uapi/asm/ucontext.h,
 * sigcontext.h), with the C library's larger signal mask.
 */
struct eft_context {
	uint64_t flags;
	struct eft_context *link;
	void *stack; /* the alternate one */
	int stack_flags, pad;
	size_t stack_size;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, vector, oldmask, cr2;
	void *vectors; /* as FXSAVE, or XSAVE, wrote them */
	/* Ours: a fault's signal (0: none), si_code and si_addr. */
	uint64_t signal, code, address;
	uint64_t reserved[5];
	uint64_t mask[16];
};

/*
 * Of (flags): the vectors are XSAVE's (Linux's UC_FP_XSTATE); they are still in
 * the registers, and the memory for them is 0 (eft_context_entry() saves them).
 */
enum { EFT_CONTEXT_XSAVE = 1, EFT_CONTEXT_LIVE = 2 };

_Static_assert(offsetof(struct eft_context, r8) == 40, "used in assembly");
_Static_assert(offsetof(struct eft_context, rip) == 168, "used in assembly");
_Static_assert(offsetof(struct eft_context, error) == 192, "used in assembly");
_Static_assert(offsetof(struct eft_context, vectors) == 224, "in assembly");
_Static_assert(sizeof(struct eft_context) == 424, "used in assembly");

/*
 * Save the caller's context, call function(context, arg), go on in what the
 * function has left there. The vector registers are dead at a call: (vectors)
 * is as large as FXSAVE's.
 */
void eft_context_call(void (*function)(struct eft_context *context, void *arg),
		      void *arg);

/*
 * Call a handler of the program on the stack below (stack_top), on this one
 * where that is 0, with the floating point as a program finds it at its start.
 */
void eft_context_handler(void (*handler)(int, void *, void *), int signal,
			 void *info, struct eft_context *context,
			 uintptr_t stack_top);

/*
 * Where a thread goes on whose context was laid out by eft_context_lay(), and
 * is filled, with rsp there: calls eft_context_entered(), then goes on in it.
 */
void eft_context_entry(void);

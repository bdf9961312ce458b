// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * How system calls get to their handlers: see enter.S.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/thread.h"

typedef long eft_handler(long a, long b, long c, long d, long e, long f);

/* By number; an eft_handler, or NULL: not implemented. */
extern void *const eft_syscalls[];
extern const unsigned eft_syscall_count;

/* A system call that is being made. */
struct eft_call {
	long args[6];
	uint64_t number;
	eft_handler *handler;
};

_Static_assert(sizeof(struct eft_call) == 64, "posix/sys/enter.S");
_Static_assert(offsetof(struct eft_call, handler) == 56, "posix/sys/enter.S");

/* What musl calls: see posix/musl/overlay. */
long eft_syscall_by_number(long n, long a, long b, long c, long d, long e,
			   long f);
long eft_syscall_unknown(long n);

/* Where the program's stack is, whose call is being made. */
static inline uintptr_t eft_caller_stack(void)
{
	return *(const uintptr_t *)(eft_current()->stack_top +
				    EFT_CALLER_STACK);
}

/* By enter.S: the handler runs on the libOS stack; its result. */
long eft_call_run(const struct eft_call *call);
/* For enter.S: eft_cpu.attention is not 0 before (call). */
long eft_call_attended(const struct eft_call *call);
/* For enter.S: (call) was made, with (result); something is up. */
long eft_call_leave(const struct eft_call *call, long result);

/* The same for who makes a call on the stack that it runs on. */
static inline void eft_note_caller_stack(void)
{
	if (eft_current()->stack_top != 0)
		*(uintptr_t *)(eft_current()->stack_top + EFT_CALLER_STACK) =
			(uintptr_t)__builtin_frame_address(0);
}

/*
 * A call's handler has returned (result): run handlers of signals.
 *
 * Returns   what the program is to see; -EFT_RESTART: make the call again
 * Context   thread, on the program's stack, the libOS stack empty
 */
long eft_call_settle(long result);

/* For tests, which call handlers on their own stack: (call) as enter.S has it
   made. */
#define eft_settled(name, call)                                 \
	({                                                      \
		long settled_##name;                            \
		eft_note_caller_stack();                        \
		do                                              \
			settled_##name = eft_call_settle(call); \
		while (settled_##name == -EFT_RESTART);         \
		eft_current()->restart_deadline_ns = 0;         \
		settled_##name;                                 \
	})

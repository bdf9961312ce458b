// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls that are not just the call of a handler: enter.S.
 */
#include "posix/sys/enter.h"
#include "core/arch/x86_64/cpu.h"
#include "core/check/lock.h"
#include "core/lock.h"
#include "core/mem.h"
#include "core/thread.h"
#include "core/trace.h"
#include "posix/signal/restart.h"

/* Images without signals have no handlers of them. */
extern __typeof__(eft_signals_settle) eft_signals_settle eft_weak;

long eft_call_settle(long result)
{
	if (!eft_is_restart(result) && !eft_signal_is_due())
		return result;
	if (eft_signals_settle != NULL)
		return eft_signals_settle(result);
	return eft_is_restart(result) ? -EFT_RESTART : result;
}

/* Is there room below the caller's stack pointer, and so for a call? */
static bool is_room_here(void)
{
	enum { CALL_BYTES = 16384 };
	uintptr_t end = (uintptr_t)__builtin_frame_address(0);
	uintptr_t start = end - CALL_BYTES;
	struct eft_range range;

	return eft_range_peek(start, &range) && range.start <= start &&
	       range.end >= end && range.prot & EFT_PROT_WRITE;
}

/*
 * Under valgrind, which finds no frames beyond a change of stacks, a call runs
 * on the program's stack where that is large enough.
 */
static long make(const struct eft_call *call)
{
	const struct eft_thread *self = eft_current();
	const long *a = call->args;

	if (!(self->attention & EFT_ATTENTION_WATCHED) || !is_room_here())
		return eft_call_run(call);
	eft_note_caller_stack();
	return call->handler(a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Make (call) again as long as it is to be. */
static long settle(const struct eft_call *call, long result)
{
	while (eft_is_restart(result)) {
		result = eft_call_settle(result);
		if (result != -EFT_RESTART)
			break;
		result = make(call);
	}
	eft_current()->restart_deadline_ns = 0;
	return result;
}

long eft_call_leave(const struct eft_call *call, long result)
{
	eft_lock_touch_stack();
	return eft_call_settle(settle(call, result));
}

/* Signals come first, and who traces is told. */
long eft_call_attended(const struct eft_call *call)
{
	const struct eft_tracer *tracer = eft_tracer;
	uint64_t entered_ns = 0;
	long result;

	eft_lock_touch_stack();
	eft_call_settle(0);
	if (tracer != NULL)
		entered_ns = tracer->enter(call->number, call->args);
	result = settle(call, make(call));
	if (tracer != NULL)
		tracer->leave(call->number, call->args, entered_ns, result);
	eft_lockcheck_returns();
	return eft_call_settle(result);
}

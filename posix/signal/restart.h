// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Calls that sleep, and signals.
 *
 * What sleeps in core returns -EINTR when a signal is due to the caller, or
 * what it has done so far. The handler of the system call then runs the
 * program's signal handler, before it returns: by one of
 *
 *	return eft_restartable(read_once(fd, buf, count));
 *	return eft_interruptible(sleep_until(deadline));
 *
 * The first makes the call again where SA_RESTART says so, the second never
 * after a handler ran (signal(7), "Interruption of system calls"). Both make
 * it again when there was no handler to run. So (call) computes nothing that
 * passes with time: deadlines are absolute, and found before.
 *
 * (call) is all of the system call: a handler may leave by a jump, so nothing
 * is held any more then, no reference either, and what was done is complete.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"

enum eft_handled {
	EFT_HANDLED_NOTHING,   /* no handler was due after all */
	EFT_HANDLED_RESTART,   /* the first that ran has SA_RESTART */
	EFT_HANDLED_INTERRUPT, /* it has not */
};

/*
 * Run the handlers of the signals that are due to the caller. They may never
 * return (siglongjmp). Weak: an image without signals has no -EINTR either.
 *
 * Context   thread, in a system call, nothing held
 */
enum eft_handled eft_signals_handle(void) eft_weak;

/*
 * The same at the beginning and end of a system call whose result is known.
 * Not while eft_signals_mask_begin()'s mask holds: that is for waits only.
 */
void eft_signals_deliver(void) eft_weak;

/*
 * Block (mask) instead for the time of one system call, as ppoll(2) does: a
 * handler that ends the wait runs with it, and restores what was blocked.
 * Weak too: an image without signals has nothing to block.
 */
void eft_signals_mask_begin(uint64_t mask) eft_weak;
void eft_signals_mask_end(void) eft_weak;

/* The same for a mask that may be NULL. */
static inline void eft_mask_begin(const uint64_t *mask)
{
	if (mask != NULL && eft_signals_mask_begin != NULL)
		eft_signals_mask_begin(*mask);
}

static inline void eft_mask_end(const uint64_t *mask)
{
	if (mask != NULL && eft_signals_mask_end != NULL)
		eft_signals_mask_end();
}

/*
 * Have the caller's next sleep that can be interrupted end with -EINTR, or not
 * after all: for cancellation points (posix/musl/overlay).
 */
void eft_interrupt_next_sleep(bool interrupt);

#define eft_restartable(call)	EFT_AGAIN(call, EFT_HANDLED_RESTART)
#define eft_interruptible(call) EFT_AGAIN(call, EFT_HANDLED_NOTHING)

/* (call) once more while what was handled is no more than (most). */
#define EFT_AGAIN(call, most)                             \
	({                                                \
		long result_;                             \
		do                                        \
			result_ = (call);                 \
		while (eft_unlikely(result_ == -EINTR) && \
		       eft_handled_at_most(most));        \
		eft_signals_leave_call();                 \
		result_;                                  \
	})

static inline bool eft_handled_at_most(enum eft_handled most)
{
	return eft_signals_handle != NULL && eft_signals_handle() <= most;
}

/* The end of a call that may have slept: what became due meanwhile comes
   before it returns. */
static inline void eft_signals_leave_call(void)
{
	if (eft_unlikely(eft_signal_is_due()) && eft_signals_deliver != NULL)
		eft_signals_deliver();
}

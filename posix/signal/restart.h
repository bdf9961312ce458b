// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Calls that sleep, and signals.
 *
 * What sleeps in core returns -EINTR when a signal is due to the caller, or
 * what it has done so far. The handler of the system call then lets go of all
 * that it holds and returns a code that says when the call is made again:
 *
 *	return eft_restartable(read_once(fd, buf, count));
 *	return eft_interruptible(sleep_until(deadline), deadline);
 *
 * The first is made again where SA_RESTART says so, the second never after a
 * handler ran (signal(7), "Interruption of system calls"). Both are made again
 * when there was no handler to run; the second then waits until the same
 * deadline, which it has from eft_deadline_after() (posix/time/time.h). The program's handlers run
 * when the call has returned (posix/sys/enter.c), with nothing held: they may
 * leave by a jump.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/thread.h"
#include "posix/sys/restart_codes.h"

/*
 * Run the handlers of the signals that are due to the caller. They may never
 * return (siglongjmp). Weak: an image without signals has no -EINTR either.
 *
 * result    what the caller's system call has returned
 * Returns   what the program is to see; -EFT_RESTART: make the call again
 * Context   thread, nothing held, on the program's stack
 */
long eft_signals_settle(long result);

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

/* The call's (result) says whether handlers are to run with the mask first. */
static inline void eft_mask_end(const uint64_t *mask, long result)
{
	if (mask != NULL && result != -EFT_RESTART_UNHANDLED &&
	    eft_signals_mask_end != NULL)
		eft_signals_mask_end();
}

/*
 * Have the caller's next sleep that can be interrupted end with -EINTR, or not
 * after all: for cancellation points (posix/musl/overlay).
 */
void eft_interrupt_next_sleep(bool interrupt);

/* (deadline_ns): what eft_deadline_after() has said, or 0. */
static inline long eft_interrupted(long result, int code, uint64_t deadline_ns)
{
	if (eft_likely(result != -EINTR))
		return result;
	eft_current()->restart_deadline_ns = deadline_ns;
	return -code;
}

#define eft_restartable(result) eft_interrupted(result, EFT_RESTART, 0)
#define eft_interruptible(result, deadline_ns) \
	eft_interrupted(result, EFT_RESTART_UNHANDLED, deadline_ns)

/* Is the call made again, and until when does it wait then? */
static inline bool eft_is_restarted(uint64_t *ret_deadline_ns)
{
	if (eft_likely(eft_current()->restart_deadline_ns == 0))
		return false;
	*ret_deadline_ns = eft_current()->restart_deadline_ns;
	return true;
}

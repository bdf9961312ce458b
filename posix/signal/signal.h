// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Signals: between the files of the family.
 *
 *	actions.c   actions, and what is pending for the process
 *	send.c      sending: who gets it, and who is told
 *	kill.c      kill(2) and its kin
 *	deliver.c   running handlers, default actions
 *	mask.c      what is blocked
 *	wait.c      sigsuspend, sigtimedwait, pause
 *	altstack.c  sigaltstack
 *
 * A signal is pending for the process or for one task. It is due to a task
 * that does not block it. Whoever makes one due tells a task of it
 * (eft_thread_interrupt()); that runs the handler itself: at the end of the
 * call that sent it, at the beginning of its next one, or where it slept.
 *
 * All of it is owned by the tasks' lock, but that a task changes what it blocks
 * itself, and may do so without (mask.c): who reads another's mask does
 * it by eft_signals_blocked(), after what is pending was set.
 */
#include "core/abi.h"
#include "core/lock.h"
#include "posix/thread/task.h"

struct eft_context;

/* The kernel's sigaction(2) (x86-64). */
struct eft_sigaction {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

#define SIG_DFL ((void *)0)
#define SIG_IGN ((void *)1)

#define SA_SIGINFO   4ul
#define SA_ONSTACK   0x08000000ul
#define SA_RESTART   0x10000000ul
#define SA_NODEFER   0x40000000ul
#define SA_RESETHAND 0x80000000ul

enum {
	SI_USER = 0,
	SI_KERNEL = 0x80,
	SI_QUEUE = -1,
	SI_TIMER = -2,
	SI_TKILL = -6,
};

/* Linux's siginfo (x86-64). */
struct eft_siginfo {
	int signal, error, code, pad;
	union {
		struct { /* a sender's */
			int pid;
			unsigned uid;
		};
		struct { /* a timer's; the value may be a sender's too */
			int timer, overrun;
			uint64_t value;
		};
		uintptr_t addr; /* a fault's */
		char rest[112];
	};
};

_Static_assert(sizeof(struct eft_siginfo) == 128, "siginfo of x86-64");

/* A signal that waits, with its details. */
struct eft_sigqueue {
	struct eft_list link;
	struct eft_siginfo info;
	/* It is off the queue; (info) is what the taker sees. The lock is held.
	 */
	void (*taken)(struct eft_sigqueue *queued, struct eft_siginfo *info);
	struct eft_pending *queued; /* or NULL */
};

static inline uint64_t eft_signal_bit(int signal)
{
	return 1ul << (signal - 1);
}

/* A mask without what cannot be blocked. */
static inline uint64_t eft_signal_blockable(uint64_t mask)
{
	return mask & ~(eft_signal_bit(SIGKILL) | eft_signal_bit(SIGSTOP));
}

/*
 * actions.c
 */

/* A process's signals. */
struct eft_process_signals {
	struct eft_sigaction actions[EFT_SIGNALS + 1];
	struct eft_pending pending;
	uint64_t known;	       /* whose first action was asked for */
	uint64_t ever_blocked; /* see eft_signals_keep_locked() */
	uint64_t kept;	       /* that the host does let come; atomic */
};

/* Have the host let those of (mask) come, which somebody is about to block. */
void eft_signals_keep_locked(uint64_t mask);
/*
 * Signals that wait with details; atomic. And the most of them: as many as Linux
 * lets a user of a machine of some GiB have.
 */
enum { EFT_SIGNALS_QUEUED_MAX = 32768 };
extern uint32_t eft_signals_queued;

/* Does the default do nothing about (signal)? And is that what is wanted? */
bool eft_signal_default_ignores(int signal);
bool eft_signal_is_ignored(struct eft_process *process, int signal);

/* What waits for the calling (task) or its process, and is not (blocked). */
eft_inline uint64_t eft_signals_due(const struct eft_task *task,
				    uint64_t blocked)
{
	uint64_t own =
		__atomic_load_n(&task->signals.pending.set, __ATOMIC_RELAXED);

	return (own | __atomic_load_n(&eft_process()->signals->pending.set,
				      __ATOMIC_RELAXED)) &
	       ~blocked;
}

/* What (task), which may be changing it, blocks and does not wait for. */
static inline uint64_t eft_signals_blocked(const struct eft_task *task)
{
	return __atomic_load_n(&task->signals.blocked, __ATOMIC_RELAXED) &
	       ~task->signals.awaited;
}

/*
 * Take the first of (set) that is pending for the calling (task) or the
 * process, and its details. Drop those of (set) from (pending).
 *
 * Returns   its number, or 0
 */
int eft_signal_take_locked(struct eft_task *task, uint64_t set,
			   struct eft_siginfo *ret_info);
void eft_signals_drop_locked(struct eft_pending *pending, uint64_t set);

/* Take (entry) off its queue, if it is on one: as if it had not been sent. */
void eft_signal_withdraw_locked(struct eft_sigqueue *entry);

/*
 * send.c
 */

/*
 * Send the signal of (info) to the task (tid); 0: to the process.
 *
 * Returns   0; -ESRCH no such task; -EAGAIN too many wait
 * Context   any; does not return where the signal ends the program
 */
int eft_signal_send(int tid, const struct eft_siginfo *info);

enum eft_sent {
	EFT_SENT,
	EFT_SENT_DROPPED, /* it is ignored, or waits already */
	EFT_SENT_FATAL,	  /* the caller unlocks, and calls eft_signal_die() */
};

/*
 * The same for a (task) that was found; NULL: the (process). (entry), or NULL,
 * has its details; it is queued only where EFT_SENT is the answer.
 */
enum eft_sent eft_signal_send_locked(struct eft_process *process,
				     struct eft_task *task, int signal,
				     struct eft_sigqueue *entry);

/* A signal waits: for who reads it (signalfd.c). */
void eft_signalfd_wake(void);

/*
 * End the instance as (signal) does by default. In an interrupt it may return,
 * and the instance ends a little later.
 */
void eft_signal_die(int signal);

/*
 * deliver.c
 */

/* See to it that the calling (task) looks at what is due to it, if any. */
void eft_signals_update_locked(struct eft_task *task);

/*
 * (task) takes none of (set) any more: tell another one of what is pending
 * for the process.
 */
void eft_signals_retarget_locked(struct eft_task *task, uint64_t set);

/* (task) blocks (mask) from here on; of what it does not take any more, another
   one is told. */
void eft_signals_block_locked(struct eft_task *task, uint64_t mask);

/* The calling task ends. */
void eft_signals_leave(struct eft_task *task);

/*
 * altstack.c
 */

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM (int)0x80000000 /* not while a handler runs */

/* Is (rsp) on (task)'s alternate stack? */
bool eft_signal_on_stack(const struct eft_task *task, uintptr_t rsp);
/* Bring in the pages of [start, start+len); false: some are not memory. */
bool eft_signal_touch(uintptr_t start, size_t len);
/* That stack, as sigaltstack(2) tells a task whose stack is at (rsp). */
struct eft_sigstack eft_signal_stack(const struct eft_task *task,
				     uintptr_t rsp);

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sending signals: who gets one, and who is told of it.
 */
#include "core/boot.h"
#include "core/cache.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/trap.h"
#include "posix/signal/signal.h"

/* Only images with a signalfd have readers to wake. */
extern __typeof__(eft_signalfd_wake) eft_signalfd_wake eft_weak;

/* Signals whose default is a core file: a report says where. */
static bool deserves_report(int signal)
{
	const uint64_t reported =
		eft_signal_bit(SIGABRT) | eft_signal_bit(SIGQUIT) |
		eft_signal_bit(SIGILL) | eft_signal_bit(SIGTRAP) |
		eft_signal_bit(SIGBUS) | eft_signal_bit(SIGFPE) |
		eft_signal_bit(SIGSEGV);

	return reported & eft_signal_bit(signal);
}

/* Only images with files that are not in memory have them. */
#pragma weak eft_page_cache_end_by_signal
#pragma weak eft_flusher_die
#pragma weak eft_threads_park

/*
 * Files that are not in memory are written first: in an interrupt, which cannot
 * wait for that, by the flusher, if there is anything to write.
 */
void eft_signal_die(int signal)
{
	if (eft_page_cache_end_by_signal != NULL && eft_irq_depth() > 0 &&
	    eft_flusher_die(signal))
		return;
	if (eft_page_cache_end_by_signal != NULL && eft_irq_depth() == 0) {
		eft_threads_park();
		eft_page_cache_end_by_signal();
	}
	if (deserves_report(signal))
		eft_report_own_end("eft: ended itself by signal %d\n", signal);
	eft_die_by(signal);
}

static void destroy_entry(struct eft_sigqueue *entry)
{
	__atomic_fetch_sub(&eft_signals_queued, 1, __ATOMIC_RELAXED);
	eft_free(entry);
}

static void taken(struct eft_sigqueue *entry, struct eft_siginfo *info)
{
	destroy_entry(entry);
}

/* An entry for (info), or NULL. */
static struct eft_sigqueue *create_entry(const struct eft_siginfo *info)
{
	struct eft_sigqueue *entry = NULL;

	if (__atomic_fetch_add(&eft_signals_queued, 1, __ATOMIC_RELAXED) <
	    EFT_SIGNALS_QUEUED_MAX)
		entry = eft_alloc(sizeof(*entry));
	if (entry == NULL) {
		__atomic_fetch_sub(&eft_signals_queued, 1, __ATOMIC_RELAXED);
		return NULL;
	}
	entry->info = *info;
	entry->taken = taken;
	return entry;
}

/* Would (task) take (signal) now, or wake for it? */
static bool wants(const struct eft_task *task, int signal)
{
	return !(eft_signals_blocked(task) & eft_signal_bit(signal));
}

/* A task that takes a signal for the process; the oldest, as on Linux. */
static struct eft_task *choose_locked(struct eft_process *process, int signal)
{
	struct eft_task *task = NULL;

	while ((task = eft_tasks_next_locked(process, task)) != NULL &&
	       !wants(task, signal))
		;
	return task;
}

/* Blocked signals are never ignored: the action may change meanwhile. */
static bool drops(struct eft_process *process, const struct eft_task *taker,
		  int signal)
{
	return taker != NULL && eft_signal_is_ignored(process, signal) &&
	       !((eft_signals_blocked(taker) | taker->signals.awaited) &
		 eft_signal_bit(signal));
}

static void enqueue(struct eft_pending *pending, struct eft_sigqueue *entry)
{
	if (pending->queue.next == NULL)
		eft_list_init(&pending->queue);
	eft_list_insert(&pending->queue, &entry->link);
	entry->queued = pending;
}

/* Does (signal)'s default end the program, and nothing stand in the way? */
static bool is_fatal(const struct eft_process *process,
		     const struct eft_task *taker, int signal)
{
	return taker != NULL &&
	       !(taker->signals.awaited & eft_signal_bit(signal)) &&
	       process->signals->actions[signal].handler == SIG_DFL &&
	       !eft_signal_default_ignores(signal);
}

/* Most wait once only; a timer's does beside another that waits (Linux). */
static bool is_one_too_many(const struct eft_pending *pending, int signal,
			    const struct eft_sigqueue *entry)
{
	return signal < SIGRTMIN && pending->set & eft_signal_bit(signal) &&
	       (entry == NULL || entry->taken == taken);
}

/* Who takes (signal) now, which is for (task), or for the process; or NULL. */
static struct eft_task *taker_locked(struct eft_process *process,
				     struct eft_task *task, int signal)
{
	if (task == NULL)
		return choose_locked(process, signal);
	return wants(task, signal) ? task : NULL;
}

/*
 * (signal) is pending from here on. A task that changes its mask without the
 * lock meanwhile sees that, or we see its new mask, and so ask who takes it
 * only now.
 */
static void set_pending_locked(struct eft_process *process,
			       struct eft_pending *pending,
			       struct eft_task *task, int signal)
{
	struct eft_task *taker;

	__atomic_store_n(&pending->set, pending->set | eft_signal_bit(signal),
			 __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	taker = taker_locked(process, task, signal);
	if (taker != NULL)
		eft_thread_interrupt(taker->thread);
}

enum eft_sent eft_signal_send_locked(struct eft_process *process,
				     struct eft_task *task, int signal,
				     struct eft_sigqueue *entry)
{
	struct eft_pending *pending =
		task ? &task->signals.pending : &process->signals->pending;
	struct eft_task *taker = taker_locked(process, task, signal);

	if (drops(process, taker, signal))
		return EFT_SENT_DROPPED;
	if (is_fatal(process, taker, signal))
		return EFT_SENT_FATAL;
	if (is_one_too_many(pending, signal, entry))
		return EFT_SENT_DROPPED;
	if (entry != NULL)
		enqueue(pending, entry);
	set_pending_locked(process, pending, task, signal);
	if (eft_signalfd_wake != NULL)
		eft_signalfd_wake();
	return EFT_SENT;
}

/* Details may be lost where memory is short, but not a queue's. */
static bool needs_entry(const struct eft_siginfo *info)
{
	return info->signal >= SIGRTMIN && info->code != SI_USER;
}

int eft_signal_send(int tid, const struct eft_siginfo *info)
{
	struct eft_sigqueue *entry = create_entry(info);
	struct eft_process *process = eft_process();
	enum eft_sent sent = EFT_SENT_DROPPED;
	struct eft_task *task = NULL;
	int error = 0;

	if (entry == NULL && needs_entry(info))
		return -EAGAIN;
	eft_lock(&eft_tasks_lock);
	if (tid != 0)
		task = eft_tasks_find_locked(process, tid);
	if (tid != 0 && task == NULL)
		error = -ESRCH;
	else
		sent = eft_signal_send_locked(process, task, info->signal,
					      entry);
	eft_unlock(&eft_tasks_lock);
	if (sent == EFT_SENT_FATAL)
		eft_signal_die(info->signal);
	if (sent == EFT_SENT_DROPPED && entry != NULL)
		destroy_entry(entry);
	return error;
}

/* The kernel's own, as a terminal's ^C is: to the process. */
void eft_tty_signal(int signal)
{
	struct eft_siginfo info = {.signal = signal, .code = SI_KERNEL};

	eft_signal_send(0, &info);
}

/* Sent by another process of the host. */
void eft_signals_arrive(const struct eft_host_siginfo *host)
{
	struct eft_siginfo info;

	_Static_assert(sizeof(info) == sizeof(*host), "both are Linux's");
	memcpy(&info, host, sizeof(info));
	eft_signal_send(0, &info);
}

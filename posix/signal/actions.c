// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the program wants done about signals, and those that wait.
 */
#include "core/file.h"
#include "core/user.h"
#include "posix/fs/transfer.h"
#include "posix/signal/restart.h"
#include "posix/signal/signal.h"
#include "posix/syscalls.h"

eft_needs(eft_broken_pipe);
eft_needs(eft_task_current);
eft_needs(eft_hostfile_poll);

struct eft_process_signals eft_first_signals;
uint32_t eft_signals_queued;

bool eft_signal_default_ignores(int signal)
{
	const uint64_t ignored =
		eft_signal_bit(SIGCHLD) | eft_signal_bit(SIGCONT) |
		eft_signal_bit(SIGURG) | eft_signal_bit(SIGWINCH) |
		/* One process, and nobody to continue it: see CAVEATS. */
		eft_signal_bit(SIGSTOP) | eft_signal_bit(SIGTSTP) |
		eft_signal_bit(SIGTTIN) | eft_signal_bit(SIGTTOU);

	return ignored & eft_signal_bit(signal);
}

/*
 * What exec has left ignored is asked for when the action first matters.
 */
static void know_locked(struct eft_process_signals *signals, int signal)
{
	if (signals->known & eft_signal_bit(signal))
		return;
	signals->known |= eft_signal_bit(signal);
	if (eft_host_signal_ignored(signal))
		signals->actions[signal].handler = SIG_IGN;
}

/* What was blocked at some time the host has to let come, so that it waits. */
static void tell_host_locked(struct eft_process_signals *signals, int signal)
{
	const void *handler = signals->actions[signal].handler;
	bool comes = signals->ever_blocked & eft_signal_bit(signal) &&
		     !eft_signal_default_ignores(signal);

	eft_host_signal_set(signal, comes || (uintptr_t)handler > 1,
			    handler == SIG_IGN);
}

void eft_signals_keep_locked(uint64_t mask)
{
	struct eft_process_signals *signals = eft_process()->signals;
	uint64_t fresh = mask & ~signals->ever_blocked;

	signals->ever_blocked |= mask;
	for (; fresh != 0; fresh &= fresh - 1) {
		int signal = __builtin_ctzl(fresh) + 1;

		know_locked(signals, signal);
		if (!eft_signal_default_ignores(signal))
			tell_host_locked(signals, signal);
	}
	__atomic_store_n(&signals->kept, signals->ever_blocked,
			 __ATOMIC_RELEASE);
}

void eft_signals_inherit(uint64_t mask)
{
	eft_lock(&eft_tasks_lock);
	eft_process()->tasks->first.signals.blocked =
		eft_signal_blockable(mask);
	eft_signals_keep_locked(mask);
	eft_unlock(&eft_tasks_lock);
	eft_host_signals_unblock();
}

bool eft_signal_is_ignored(struct eft_process *process, int signal)
{
	const void *handler;

	know_locked(process->signals, signal);
	handler = process->signals->actions[signal].handler;

	return handler == SIG_IGN ||
	       (handler == SIG_DFL && eft_signal_default_ignores(signal));
}

/* The oldest (signal) in the queue; *ret_more: it is not the only one. */
static struct eft_sigqueue *find(const struct eft_pending *pending, int signal,
				 bool *ret_more)
{
	struct eft_list *link = pending->queue.next;
	struct eft_sigqueue *found = NULL;

	*ret_more = false;
	if (link == NULL)
		return NULL;
	for (; link != &pending->queue; link = link->next) {
		struct eft_sigqueue *queued =
			eft_container_of(link, struct eft_sigqueue, link);

		if (queued->info.signal != signal)
			continue;
		if (found != NULL) {
			*ret_more = true;
			break;
		}
		found = queued;
	}
	return found;
}

/* Take the oldest (signal), and clear its bit where that was the last. */
static void take_from(struct eft_pending *pending, int signal,
		      struct eft_siginfo *ret_info)
{
	bool more;
	struct eft_sigqueue *found = find(pending, signal, &more);

	if (!more)
		pending->set &= ~eft_signal_bit(signal);
	*ret_info = (struct eft_siginfo){.signal = signal, .code = SI_KERNEL};
	if (found == NULL)
		return;
	*ret_info = found->info;
	eft_list_remove(&found->link);
	found->queued = NULL;
	found->taken(found, ret_info);
}

void eft_signal_withdraw_locked(struct eft_sigqueue *entry)
{
	struct eft_pending *pending = entry->queued;
	int signal = entry->info.signal;
	bool more;

	if (pending == NULL)
		return;
	eft_list_remove(&entry->link);
	entry->queued = NULL;
	if (find(pending, signal, &more) == NULL)
		pending->set &= ~eft_signal_bit(signal);
}

int eft_signal_take_locked(struct eft_task *task, uint64_t set,
			   struct eft_siginfo *ret_info)
{
	struct eft_pending *pending = &task->signals.pending;
	int signal;

	if ((pending->set & set) == 0)
		pending = &eft_process()->signals->pending;
	if ((pending->set & set) == 0)
		return 0;
	signal = __builtin_ctzl(pending->set & set) + 1;
	take_from(pending, signal, ret_info);
	return signal;
}

void eft_signals_drop_locked(struct eft_pending *pending, uint64_t set)
{
	struct eft_siginfo info;

	while ((pending->set & set) != 0)
		take_from(pending, __builtin_ctzl(pending->set & set) + 1,
			  &info);
}

/* What is ignored does not wait either (sigaction(3p)). */
static void drop_ignored_locked(int signal)
{
	struct eft_process *process = eft_process();
	struct eft_task *task = NULL;

	eft_signals_drop_locked(&process->signals->pending,
				eft_signal_bit(signal));
	while ((task = eft_tasks_next_locked(process, task)) != NULL)
		eft_signals_drop_locked(&task->signals.pending,
					eft_signal_bit(signal));
}

/* (wanted) is NULL where nothing changes. */
static void set_action(int signal, const struct eft_sigaction *wanted,
		       struct eft_sigaction *ret_old)
{
	struct eft_process *process = eft_process();
	struct eft_process_signals *signals = process->signals;

	eft_lock(&eft_tasks_lock);
	know_locked(signals, signal);
	*ret_old = signals->actions[signal];
	if (wanted != NULL) {
		signals->actions[signal] = *wanted;
		tell_host_locked(signals, signal);
		if (eft_signal_is_ignored(process, signal))
			drop_ignored_locked(signal);
	}
	eft_unlock(&eft_tasks_lock);
}

long eft_sys_rt_sigaction(int signal,
			  const struct eft_sigaction eft_user *wanted,
			  struct eft_sigaction eft_user *old, size_t size)
{
	struct eft_sigaction before, after;

	if (size != sizeof(uint64_t))
		return -EINVAL;
	if (wanted != NULL && eft_get_user(&after, wanted) != 0)
		return -EFAULT;
	if (signal < 1 || signal > EFT_SIGNALS)
		return -EINVAL;
	if (wanted != NULL && (signal == SIGKILL || signal == SIGSTOP))
		return -EINVAL;
	if (wanted != NULL)
		after.mask = eft_signal_blockable(after.mask);
	set_action(signal, wanted != NULL ? &after : NULL, &before);
	return eft_put_optional(old, &before);
}

/* For /proc: what (tid) blocks and has to do, and what all want done. */
void eft_proc_signals(int tid, struct eft_proc_signals *ret_signals)
{
	struct eft_proc_signals found = {
		.queued =
			__atomic_load_n(&eft_signals_queued, __ATOMIC_RELAXED),
		.room = EFT_SIGNALS_QUEUED_MAX,
	};
	struct eft_process *process = eft_process();
	struct eft_task *task;

	eft_lock(&eft_tasks_lock);
	task = eft_tasks_find_locked(process, tid);
	if (task != NULL) {
		found.pending = task->signals.pending.set;
		found.blocked = task->signals.blocked;
	}
	found.shared = process->signals->pending.set;
	for (int signal = 1; signal <= EFT_SIGNALS; signal++) {
		const void *handler = process->signals->actions[signal].handler;

		if (handler == SIG_IGN)
			found.ignored |= eft_signal_bit(signal);
		else if (handler != SIG_DFL)
			found.caught |= eft_signal_bit(signal);
	}
	eft_unlock(&eft_tasks_lock);
	*ret_signals = found;
}

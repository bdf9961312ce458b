// SPDX-License-Identifier: BSD-3-Clause
/*
 * deadlock=report: all threads sleep, and nothing is there that could wake
 * one. A timer could, and so could the host's files and a guest's terminal,
 * once somebody waits for them. Who asks has just become idle.
 */
#include "core/arch/x86_64/switch.h"
#include "core/boot.h"
#include "core/dev/block.h"
#include "core/dev/host.h"
#include "core/dev/share.h"
#include "core/file.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/thread/scheduler.h"
#include "core/time.h"
#include "core/trap.h"
#include "core/user.h"

enum { EXIT_DEADLOCK = 1 };

/* What waits for events from outside, in programs that have it. */
extern __typeof__(eft_plat_host_waiting) eft_plat_host_waiting eft_weak;
extern __typeof__(eft_tty_listens) eft_tty_listens eft_weak;
extern __typeof__(eft_io_pending) eft_io_pending eft_weak;
extern __typeof__(eft_share_pending) eft_share_pending eft_weak;
/* And who waits for words, which belong to posix. */
extern __typeof__(eft_futex_waited_for) eft_futex_waited_for eft_weak;

static bool has_timers(struct eft_timers *timers)
{
	bool some;

	eft_lock(&timers->lock);
	some = timers->running != NULL ||
	       eft_treap_first(&timers->tree) != NULL;
	eft_unlock(&timers->lock);
	return some;
}

/*
 * Since when (cpu) rests; 0: it does not. Its idle thread may still do what a
 * dead one has left: wake who joins it.
 */
static uint64_t rests_since(const struct eft_cpu *cpu)
{
	if (cpu->thread != cpu->idle)
		return 0;
	return __atomic_load_n(&cpu->rests_since_ns, __ATOMIC_ACQUIRE);
}

/* Has it a thread to run: the libOS's own, too, which are on no list? */
static bool has_ready(struct eft_run_queue *queue)
{
	bool some;

	eft_lock(&queue->lock);
	some = !eft_list_empty(&queue->ready);
	eft_unlock(&queue->lock);
	return some;
}

/*
 * 0: some CPU does not rest. The same number again: none has done anything
 * else in the meantime.
 */
static uint64_t all_cpus_rest(void)
{
	unsigned count = eft_cpus_running();
	uint64_t sum = 0;

	for (unsigned i = 0; i < count; i++) {
		struct eft_cpu *cpu = eft_cpus[i];
		uint64_t since = rests_since(cpu);

		if (since == 0 || has_timers(cpu->timers) ||
		    has_ready(cpu->queue))
			return 0;
		sum += since;
	}
	return sum;
}

static bool may_hear(void)
{
	const struct eft_host_waiting *host =
		eft_plat_host_waiting != NULL ? eft_plat_host_waiting() : NULL;

	return (host != NULL && host->waits()) ||
	       (eft_io_pending != NULL && eft_io_pending() > 0) ||
	       (eft_share_pending != NULL && eft_share_pending() > 0) ||
	       (eft_tty_listens != NULL && eft_tty_listens());
}

/* The program's threads in turn; one that is alone is on no list. */
static struct eft_thread *next_thread(struct eft_thread *thread)
{
	if (eft_threads_next_locked(NULL) != NULL)
		return eft_threads_next_locked(thread);
	return thread == NULL ? eft_process()->first_thread : NULL;
}

/* After the sources of events: what they woke does not sleep any more. */
static bool all_threads_sleep(void)
{
	struct eft_thread *thread = NULL;
	bool all = true;

	eft_lock(&eft_threads_lock);
	while ((thread = next_thread(thread)) != NULL)
		all &= thread->state == EFT_THREAD_SLEEPING && !thread->woken;
	eft_unlock(&eft_threads_lock);
	return all;
}

/* One that nobody holds was given back, and who waits for it not woken. */
static void report_mutex(const struct eft_mutex *mutex)
{
	const struct eft_thread *holder = eft_mutex_holder(mutex);

	if (holder != NULL)
		eft_console_printf("  for a mutex that thread %d (%s) holds\n",
				   eft_thread_ordinal(holder->id),
				   eft_thread_label(holder));
	else
		eft_console_printf("  for a mutex that nobody holds\n");
}

/*
 * The word, and those beside it that lie in its page: if it is the C library's
 * mutex, they say who took it, and where (posix/musl/overlay, eft_mutex.h).
 */
static void report_word(const uint32_t eft_user *word)
{
	uintptr_t at = (uintptr_t)word;
	unsigned beside = at % EFT_PAGE_SIZE <= EFT_PAGE_SIZE - 16 ? 3 : 0;
	uint32_t words[4] = {0};

	eft_copy_in(words, word, (beside + 1) * sizeof(*words));
	eft_console_printf("  for the word at %p: %x, %x, %x\n", (void *)at,
			   words[0], words[beside & 2], words[beside]);
}

static void report(const struct eft_thread *thread)
{
	const struct eft_switch_frame *frame =
		(const struct eft_switch_frame *)thread->sp;
	const uint32_t eft_user *word = NULL;
	/* One that is alone has its number of Linux's only when asked. */
	int id = eft_threads_next_locked(NULL) != NULL
			 ? thread->id
			 : eft_process()->identity.pid;

	if (eft_futex_waited_for != NULL)
		word = eft_futex_waited_for(thread);
	eft_console_printf("  thread %d (%s), number %d at %p, sleeps\n",
			   eft_thread_ordinal(id), eft_thread_label(thread), id,
			   (void *)thread->tls);
	if (thread->wanted != NULL)
		report_mutex(thread->wanted);
	if (word != NULL)
		report_word(word);
	eft_backtrace(thread, (const void *)frame->rip,
		      (const void *)frame->rbp);
}

void eft_deadlock_check(void)
{
	struct eft_thread *thread = NULL;
	uint64_t rest;

	if (!eft_deadlock_reported)
		return;
	/* A thread that runs meanwhile may end, and leave a wake-up behind. */
	rest = all_cpus_rest();
	if (rest == 0 || may_hear() || !all_threads_sleep() ||
	    all_cpus_rest() != rest || !eft_report_begin())
		return;
	eft_console_printf("eft: deadlock: all threads of %s sleep for ever\n",
			   eft_program_name());
	eft_report_told_only = true;
	while ((thread = next_thread(thread)) != NULL)
		report(thread);
	if (eft_plat->tell != NULL)
		eft_plat->tell(NULL);
	eft_exit(EXIT_DEADLOCK);
}

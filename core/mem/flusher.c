// SPDX-License-Identifier: BSD-3-Clause
/*
 * The flusher: a thread of the libOS's that writes back what has been dirty for
 * a while. It begins with the first page that is written, and sleeps for ever
 * when all is clean, so that an idle program has no timer.
 *
 * LOCKS  A mutex is held while file systems are asked to commit: one that goes
 *        away waits for that.
 */
#include "core/mem/flusher.h"
#include "core/abi.h"
#include "core/boot.h"
#include "core/dev/button.h"
#include "core/log.h"
#include "core/thread.h"
#include "core/time.h"

/* A program with one thread of its own has two with this one. */
eft_needs(eft_mutex_wait);
eft_needs(eft_mutex_pass);

/* A machine that is about to be switched off has it write all. */
eft_needs(eft_plat_guest_button_start);

/* As ext4 on Linux commits; Linux itself leaves data for 30 s. */
enum { STACK_ORDER = 2 };
#define AGE_NS	  5000000000ul
#define PERIOD_NS 1000000000ul

static struct eft_mutex mutex = EFT_MUTEX_INIT(mutex, EFT_RANK_FLUSHER);
static struct eft_flusher *flushers; /* owned by mutex */
static bool ending;		     /* atomic: by a signal */

static struct eft_thread *thread; /* atomic */
static bool begun, wanted;	  /* atomic */
static struct eft_file *dead;	  /* atomic: descriptions that are to end */
static int dies_by;		  /* atomic: a signal, or 0 */

void eft_flusher_add(struct eft_flusher *flusher)
{
	eft_mutex_lock(&mutex);
	flusher->next = flushers;
	flushers = flusher;
	eft_mutex_unlock(&mutex);
}

void eft_flusher_remove(struct eft_flusher *flusher)
{
	struct eft_flusher **at = &flushers;

	eft_mutex_lock(&mutex);
	while (*at != flusher) {
		eft_assert(*at != NULL);
		at = &(*at)->next;
	}
	*at = flusher->next;
	eft_mutex_unlock(&mutex);
}

static void commit_all(void)
{
	eft_mutex_lock(&mutex);
	for (struct eft_flusher *at = flushers; at != NULL; at = at->next)
		at->commit(at);
	eft_mutex_unlock(&mutex);
}

void eft_page_cache_sync(void)
{
	eft_page_cache_write_old(UINT64_MAX);
	commit_all();
}

void eft_flusher_put(struct eft_file *file)
{
	file->next_dead = __atomic_load_n(&dead, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&dead, &file->next_dead, file,
					    false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED))
		;
	eft_flusher_wake();
}

static void put_dead(void)
{
	struct eft_file *file =
		__atomic_exchange_n(&dead, NULL, __ATOMIC_ACQUIRE);

	while (file != NULL) {
		struct eft_file *next = file->next_dead;

		eft_file_put(file);
		file = next;
	}
}

bool eft_page_cache_is_ending(void)
{
	return __atomic_load_n(&ending, __ATOMIC_RELAXED);
}

void eft_page_cache_end_by_signal(void)
{
	__atomic_store_n(&ending, true, __ATOMIC_RELAXED);
	eft_page_cache_end();
}

void eft_page_cache_end(void)
{
	unsigned lost;
	int error;

	eft_page_cache_write_old(UINT64_MAX);
	eft_mutex_lock(&mutex);
	for (struct eft_flusher *at = flushers; at != NULL; at = at->next) {
		if (at->end != NULL)
			at->end(at);
	}
	eft_mutex_unlock(&mutex);
	lost = eft_page_cache_lost(&error);
	if (lost > 0)
		eft_log(EFT_LOG_ERROR,
			"what was written to %u of the files is lost (error "
			"%d)",
			lost, -error);
}

/* Something is dirty, or was when somebody last said so. */
static bool take_wanted(void)
{
	return __atomic_exchange_n(&wanted, false, __ATOMIC_ACQ_REL);
}

static bool is_dirty(void)
{
	struct eft_page_cache_stats stats;

	eft_page_cache_stats(&stats);
	return stats.dirty > 0;
}

bool eft_flusher_die(int signal)
{
	struct eft_thread *flusher;

	if (!__atomic_load_n(&begun, __ATOMIC_ACQUIRE))
		return false;
	eft_threads_park();
	__atomic_store_n(&ending, true, __ATOMIC_RELAXED);
	__atomic_store_n(&dies_by, signal, __ATOMIC_SEQ_CST);
	flusher = __atomic_load_n(&thread, __ATOMIC_SEQ_CST);
	if (flusher != NULL)
		eft_thread_wake(flusher);
	/* One that is being made looks when it begins, if it can be made. */
	return __atomic_load_n(&begun, __ATOMIC_SEQ_CST);
}

static void die_if_wanted(void)
{
	int signal = __atomic_load_n(&dies_by, __ATOMIC_ACQUIRE);

	if (signal == 0)
		return;
	eft_page_cache_end();
	eft_die_by(signal);
}

/* Until all is clean. What is changed meanwhile is committed together. */
static void flush(void)
{
	uint64_t commit_ns = eft_now_ns() + AGE_NS;
	bool done = false;

	while (!done) {
		uint64_t now;

		eft_sleep(eft_now_ns() + PERIOD_NS);
		die_if_wanted();
		put_dead();
		now = eft_now_ns();
		eft_page_cache_write_old(now - eft_min(now, AGE_NS));
		if (now >= commit_ns) {
			commit_all();
			commit_ns = now + AGE_NS;
			done = !is_dirty();
		}
	}
}

static void live(void *arg)
{
	for (;;) {
		while (!take_wanted()) {
			eft_sleep_through();
			die_if_wanted();
		}
		die_if_wanted();
		put_dead();
		flush();
	}
}

/* Whoever was told that the flusher ends the program waits for that. */
static void die_unwritten(void)
{
	int signal = __atomic_load_n(&dies_by, __ATOMIC_SEQ_CST);

	if (signal != 0)
		eft_die_by(signal);
}

/* Who comes while it begins need not wake it: it looks around for a while. */
void eft_flusher_wake(void)
{
	struct eft_thread *flusher = __atomic_load_n(&thread, __ATOMIC_ACQUIRE);

	if (__atomic_exchange_n(&wanted, true, __ATOMIC_ACQ_REL))
		return; /* it was told */
	if (flusher != NULL) {
		eft_thread_wake(flusher);
		return;
	}
	if (__atomic_exchange_n(&begun, true, __ATOMIC_ACQ_REL))
		return;
	eft_host_signals_end();
	flusher = eft_thread_create("flusher", live, NULL, STACK_ORDER);
	__atomic_store_n(&thread, flusher, __ATOMIC_RELEASE);
	if (flusher == NULL) {
		eft_log(EFT_LOG_WARN, "no memory for a flusher: what is "
				      "written stays in memory until a sync");
		__atomic_store_n(&begun, false, __ATOMIC_SEQ_CST);
		die_unwritten();
	}
}

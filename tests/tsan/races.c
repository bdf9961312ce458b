// SPDX-License-Identifier: BSD-3-Clause
/*
 * Core's locks and what they guard, by many threads on four CPUs, under
 * ThreadSanitizer: `races NAME…`, or all. Prints one line a test; the status is
 * 66 when the sanitizer saw a race. `races seeded` has one.
 */
#include "core/abi.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/random.h"
#include "core/time.h"
#include "posix/futex/futex.h"
#include "posix/syscalls.h"
#include "tests/tsan/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 12, ROUNDS = 300 };

static void check(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "races: not so: %s\n", what);
		abort();
	}
}

/* A sequence of the caller's own. */
static unsigned below(unsigned *seed, unsigned limit)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % limit;
}

/*
 * Spin locks, mutexes.
 */
static struct eft_lock lock = EFT_LOCK_INIT(EFT_RANK_LOG);
static struct eft_mutex mutex = EFT_MUTEX_INIT(mutex, EFT_RANK_NODE);
static unsigned guarded;

static void count_by_lock(unsigned number)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		eft_lock(&lock);
		guarded++;
		eft_unlock(&lock);
	}
}

static void count_by_mutex(unsigned number)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		eft_mutex_lock(&mutex);
		guarded++;
		if (i % 16 == number)
			eft_yield();
		eft_mutex_unlock(&mutex);
	}
}

static void test_locks(void)
{
	guarded = 0;
	world_together(PARTS, count_by_lock);
	world_together(PARTS, count_by_mutex);
	check(guarded == 2 * PARTS * ROUNDS, "all were counted");
}

/*
 * What the sanitizer has to find: on two CPUs, nothing guards this. They meet
 * often: an interrupt, which takes locks, may order what they do once.
 */
static void count_by_nothing(unsigned number)
{
	static unsigned there;

	eft_thread_set_affinity(eft_current(), 1 << number);
	for (unsigned i = 1; i <= ROUNDS; i++) {
		__atomic_fetch_add(&there, 1, __ATOMIC_RELAXED);
		while (__atomic_load_n(&there, __ATOMIC_RELAXED) < 2 * i)
			eft_cpu_relax();
		guarded++;
	}
}

static void test_seeded(void)
{
	world_together(2, count_by_nothing);
}

/*
 * Threads that come, go, sleep and are moved.
 */
static struct eft_waitq queue;
static unsigned turn;

/* Each waits for its turn, which another gives it. */
static void take_turns(unsigned number)
{
	for (unsigned i = 0; i < ROUNDS / 4; i++) {
		struct eft_waiter waiter;

		eft_wait_begin(&waiter, &queue);
		while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) % PARTS !=
		       number)
			eft_sleep(EFT_FOREVER);
		eft_wait_end(&waiter);
		guarded++;
		__atomic_fetch_add(&turn, 1, __ATOMIC_RELEASE);
		eft_waitq_wake(&queue, EFT_WAKE_ALL);
	}
}

static void test_turns(void)
{
	guarded = turn = 0;
	eft_waitq_init(&queue);
	world_together(PARTS, take_turns);
	check(guarded == ROUNDS / 4 * PARTS, "all had their turns");
}

static void move_about(unsigned number)
{
	unsigned seed = number;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t mask = 1 + below(&seed, (1 << WORLD_CPUS) - 1);

		eft_thread_set_affinity(eft_current(), mask);
		check(mask >> eft_cpu()->number & 1, "it runs where it may");
		if (below(&seed, 4) == 0)
			eft_sleep(eft_now_ns() + below(&seed, 50000));
		else
			eft_yield();
		eft_thread_cpu_time_ns(eft_current());
	}
}

static void test_affinity(void)
{
	world_together(PARTS, move_about);
}

static void nothing(void *arg)
{
	__atomic_fetch_sub((unsigned *)arg, 1, __ATOMIC_RELEASE);
}

static void breed(unsigned number)
{
	unsigned alive = 0;

	for (unsigned i = 0; i < ROUNDS / 4; i++) {
		__atomic_fetch_add(&alive, 1, __ATOMIC_RELAXED);
		check(eft_thread_create("child", nothing, &alive, 4) != NULL,
		      "a thread is made");
	}
	while (__atomic_load_n(&alive, __ATOMIC_ACQUIRE) > 0)
		eft_yield();
}

static void test_threads(void)
{
	world_together(PARTS / 3, breed);
}

/*
 * Futexes: a mutex of 0 free, 1 taken, 2 waited for (U. Drepper, "Futexes Are
 * Tricky"), whose waiters are moved to another word now and then.
 */
static uint32_t words[2];

static void futex_lock(uint32_t *word)
{
	uint32_t seen = 0;

	if (__atomic_compare_exchange_n(word, &seen, 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0)
		eft_sys_futex(word, FUTEX_WAIT, 2, NULL, NULL, 0);
}

static void futex_unlock(uint32_t *word)
{
	if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
		eft_sys_futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void count_by_futex(unsigned number)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		futex_lock(&words[0]);
		guarded++;
		if (i % 8 == number)
			eft_yield();
		if (i % 16 == number) { /* there and back */
			eft_futex_requeue(&words[0], FUTEX_REQUEUE, 0,
					  (void *)2, &words[1], 0);
			eft_futex_requeue(&words[1], FUTEX_REQUEUE, 0,
					  (void *)PARTS, &words[0], 0);
		}
		futex_unlock(&words[0]);
	}
}

static void test_futexes(void)
{
	guarded = 0;
	world_together(PARTS, count_by_futex);
	check(guarded == PARTS * ROUNDS, "all were counted");
}

/*
 * Timers.
 */
struct alarm {
	struct eft_timer timer;
	unsigned rang;
};

static void ring(struct eft_timer *timer)
{
	eft_container_of(timer, struct alarm, timer)->rang++;
}

/* After a cancel, what the timer wrote is ours without a lock. */
static void set_and_cancel(unsigned number)
{
	struct alarm alarm = {.timer.expire = ring};
	unsigned seed = number;

	for (unsigned i = 0; i < ROUNDS; i++) {
		eft_timer_set(&alarm.timer, eft_now_ns() + below(&seed, 20000));
		if (below(&seed, 2) == 0)
			eft_yield();
		eft_timer_cancel(&alarm.timer);
		alarm.rang = 0;
	}
}

static void test_timers(void)
{
	world_together(PARTS, set_and_cancel);
}

static void sleep_a_little(unsigned number)
{
	for (unsigned i = 0; i < ROUNDS / 10; i++) {
		uint64_t until = eft_now_ns() + 1000 * number;

		while (eft_sleep(until) != -ETIMEDOUT)
			;
		check(eft_now_ns() >= until, "it slept long enough");
	}
}

static void test_sleeps(void)
{
	world_together(PARTS, sleep_a_little);
}

/*
 * Memory.
 */
static void allocate(unsigned number)
{
	enum { KEPT = 16 };
	void *kept[KEPT] = {NULL};
	unsigned seed = number;

	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned at = below(&seed, KEPT);
		size_t size = below(&seed, 6000) + 1;

		eft_free(kept[at]);
		kept[at] = eft_alloc(size);
		check(kept[at] != NULL, "there is memory");
		memset(kept[at], (int)number, size);
	}
	for (unsigned i = 0; i < KEPT; i++)
		eft_free(kept[i]);
}

static void allocate_pages(unsigned number)
{
	unsigned seed = number;

	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned order = below(&seed, 4);
		char *page = eft_page_alloc(order);
		struct eft_page_stats stats;

		check(page != NULL, "there are pages");
		memset(page, (int)number, EFT_PAGE_SIZE << order);
		check(eft_page_order(page) == order, "it has its order");
		eft_page_stats(&stats);
		eft_page_free(page);
	}
}

static void test_memory(void)
{
	world_together(PARTS, allocate);
	world_together(PARTS, allocate_pages);
}

static void map_and_unmap(unsigned number)
{
	enum { RW = EFT_PROT_READ | EFT_PROT_WRITE };
	unsigned seed = number;

	for (unsigned i = 0; i < ROUNDS / 4; i++) {
		size_t len = (below(&seed, 8) + 1) * EFT_PAGE_SIZE;
		intptr_t at = eft_range_map(0, len, RW, 0, NULL, 0);
		struct eft_range_stats stats;
		struct eft_range range;

		check(at > 0, "it is mapped");
		*(char *)at = (char)number;
		eft_range_protect((uintptr_t)at, EFT_PAGE_SIZE, EFT_PROT_READ);
		check(eft_range_next((uintptr_t)at, &range), "it is there");
		eft_range_discard((uintptr_t)at, len);
		eft_range_stats(&stats);
		check(eft_range_unmap((uintptr_t)at, len) == 0, "and gone");
	}
}

static void test_ranges(void)
{
	world_together(PARTS, map_and_unmap);
}

/*
 * Descriptors, the log, random numbers.
 */
static unsigned released; /* atomic */

static void release(struct eft_file *file)
{
	__atomic_fetch_add(&released, 1, __ATOMIC_RELAXED);
	eft_free(file);
}

static const struct eft_file_ops file_ops = {.release = release};

static void open_and_close(unsigned number)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct eft_file *file = eft_alloc(sizeof(*file)), *other;
		int fd;

		eft_file_init(file, &file_ops, 0);
		fd = eft_fd_install(file, 0, false);
		check(fd >= 0, "there is a descriptor");
		other = eft_fd_get((fd + 1) % PARTS); /* anybody's */
		eft_file_put(other);
		if (i % 4 == 0)
			eft_fd_flags(fd, FD_CLOEXEC);
		check(eft_fd_close(fd) == 0, "it is closed");
	}
}

static void test_descriptors(void)
{
	released = 0;
	world_together(PARTS, open_and_close);
	check(released == PARTS * ROUNDS, "all files went");
}

static void talk(unsigned number)
{
	char buf[64];

	for (unsigned i = 0; i < ROUNDS; i++) {
		eft_random(buf, sizeof(buf));
		eft_log(EFT_LOG_DEBUG, "%u of %u", i, number);
		eft_log_read(buf, sizeof(buf));
	}
}

static void test_log(void)
{
	world_together(PARTS, talk);
}

static const struct {
	const char *name;
	void (*function)(void);
} tests[] = {
	{"locks", test_locks},
	{"turns", test_turns},
	{"affinity", test_affinity},
	{"threads", test_threads},
	{"futexes", test_futexes},
	{"timers", test_timers},
	{"sleeps", test_sleeps},
	{"memory", test_memory},
	{"ranges", test_ranges},
	{"descriptors", test_descriptors},
	{"log", test_log},
	{"seeded", test_seeded}, /* last: not among all */
};

static char **names;

static void run(void *arg)
{
	for (size_t i = 0; i < eft_array_size(tests); i++) {
		bool wanted = *names == NULL && i + 1 < eft_array_size(tests);

		for (char **name = names; *name != NULL; name++)
			wanted |= strcmp(*name, tests[i].name) == 0;
		if (!wanted)
			continue;
		tests[i].function();
		printf("%s\n", tests[i].name);
		fflush(stdout);
	}
	eft_plat->exit(0);
}

int main(int argc, char **argv)
{
	names = argv + 1;
	world_run(run, NULL);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads and one address space: what one thread maps, drops, replaces, moves
 * or protects is so for all when the call returns, and pages that several
 * touch first at once are brought in once.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "tap.h"

enum { PAGE = 4096, OTHERS = 2, ROUNDS = 30, STORM_PAGES = 32 };

/*
 * The others read (*word) all the time. When the leader has raised (epoch),
 * each compares it with (wanted).
 */
static struct {
	_Atomic(volatile unsigned *) word;
	atomic_uint wanted, epoch, answers, wrong;
	atomic_int stop;
} watched;

static void *watch(void *arg)
{
	unsigned last = 0, now;

	while (!atomic_load(&watched.stop)) {
		volatile unsigned *word;

		now = atomic_load(&watched.epoch);
		word = atomic_load(&watched.word);
		if (now == last) {
			if (word)
				(void)*word;
			sched_yield();
			continue;
		}
		last = now;
		if (word && *word != atomic_load(&watched.wanted))
			atomic_fetch_add(&watched.wrong, 1);
		atomic_fetch_add(&watched.answers, 1);
	}
	return arg;
}

/* All the others read (value) at (word), or at NULL just know that. */
static void expect(unsigned *word, unsigned value)
{
	atomic_store(&watched.word, word);
	atomic_store(&watched.wanted, value);
	atomic_store(&watched.answers, 0);
	atomic_fetch_add(&watched.epoch, 1);
	while (atomic_load(&watched.answers) < OTHERS)
		sched_yield();
}

static void *map(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(p != MAP_FAILED);
	return p;
}

/* Give pages that were let go of other contents. */
static void reuse(void)
{
	char *p = map(4 * PAGE);

	memset(p, 0xee, 4 * PAGE);
	need(munmap(p, 4 * PAGE) == 0);
}

static void drop(unsigned *word)
{
	need(madvise(word, PAGE, MADV_DONTNEED) == 0);
}

static void replace(unsigned *word)
{
	need(mmap(word, PAGE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == word);
}

static void vanishes(const char *what, void (*change)(unsigned *word))
{
	unsigned *word = map(PAGE);

	atomic_store(&watched.wrong, 0);
	for (unsigned i = 1; i <= ROUNDS; i++) {
		*word = i;
		expect(word, i);
		change(word);
		reuse();
		expect(word, 0);
	}
	expect(NULL, 0);
	ok(atomic_load(&watched.wrong) == 0, what);
	need(munmap(word, PAGE) == 0);
}

static void moves(void)
{
	unsigned *here = map(PAGE), *there = map(PAGE);

	atomic_store(&watched.wrong, 0);
	for (unsigned i = 1; i <= ROUNDS; i++) {
		*here = i;
		expect(here, i);
		expect(NULL, 0);
		need(mremap(here, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			    there) == there);
		need(mmap(here, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			  0) == here);
		expect(here, 0);
		expect(there, i);
	}
	expect(NULL, 0);
	ok(atomic_load(&watched.wrong) == 0, "a page that moves, for all");
}

static void protections(void)
{
	unsigned *word = map(PAGE);

	atomic_store(&watched.wrong, 0);
	for (unsigned i = 1; i <= ROUNDS; i++) {
		*word = i;
		expect(word, i);
		need(mprotect(word, PAGE, PROT_READ) == 0);
		expect(word, i);
		expect(NULL, 0);
		need(mprotect(word, PAGE, PROT_NONE) == 0);
		need(mprotect(word, PAGE, PROT_READ | PROT_WRITE) == 0);
		expect(word, i);
	}
	expect(NULL, 0);
	ok(atomic_load(&watched.wrong) == 0, "protections come and go");
	need(munmap(word, PAGE) == 0);
}

static void watched_by_others(void)
{
	pthread_t threads[OTHERS];

	for (int i = 0; i < OTHERS; i++)
		need(pthread_create(&threads[i], NULL, watch, NULL) == 0);
	vanishes("dropped memory is empty for all", drop);
	vanishes("replaced memory is new for all", replace);
	moves();
	protections();
	atomic_store(&watched.stop, 1);
	for (int i = 0; i < OTHERS; i++)
		need(pthread_join(threads[i], NULL) == 0);
}

/*
 * All touch the same new pages at once, each a byte of its own.
 */
static struct {
	pthread_barrier_t barrier;
	unsigned char *pages;
} storm;

static void touch(long self)
{
	for (int i = 0; i < STORM_PAGES; i++) {
		int page = self % 2 ? STORM_PAGES - 1 - i : i;

		storm.pages[page * PAGE + self] = (unsigned char)(self + 1);
	}
}

static void *join_storm(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&storm.barrier);
		touch((long)arg);
		pthread_barrier_wait(&storm.barrier);
	}
	return NULL;
}

static int touched_by_all(void)
{
	for (int page = 0; page < STORM_PAGES; page++)
		for (long who = 0; who <= OTHERS; who++)
			if (storm.pages[page * PAGE + who] != who + 1)
				return 0;
	return 1;
}

static void fault_storm(void)
{
	pthread_t threads[OTHERS];
	int all = 1;

	need(pthread_barrier_init(&storm.barrier, NULL, OTHERS + 1) == 0);
	for (long i = 0; i < OTHERS; i++)
		need(pthread_create(&threads[i], NULL, join_storm, (void *)i) ==
		     0);
	for (int i = 0; i < ROUNDS; i++) {
		storm.pages = map((size_t)STORM_PAGES * PAGE);
		pthread_barrier_wait(&storm.barrier);
		touch(OTHERS);
		pthread_barrier_wait(&storm.barrier);
		all &= touched_by_all();
		need(munmap(storm.pages, (size_t)STORM_PAGES * PAGE) == 0);
	}
	for (int i = 0; i < OTHERS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(all, "pages that all touch at once are brought in once");
}

/*
 * Each maps and unmaps for itself, and finds only what it wrote.
 */
static int holds(const unsigned char *p, size_t len, unsigned char value)
{
	for (size_t i = 0; i < len; i += 64)
		if (p[i] != value)
			return 0;
	return 1;
}

static void *map_and_unmap(void *arg)
{
	long good = 1;

	for (int i = 0; i < 4 * ROUNDS; i++) {
		size_t len = (size_t)(1 + i % 7) * PAGE;
		unsigned char *p = map(len), value = (long)arg + 1;

		good &= holds(p, len, 0);
		memset(p, value, len);
		need(mprotect(p, PAGE, PROT_READ) == 0);
		good &= holds(p, len, value);
		need(munmap(p, len) == 0);
	}
	return (void *)good;
}

static void own_mappings(void)
{
	pthread_t threads[OTHERS];
	int all;

	for (long i = 0; i < OTHERS; i++)
		need(pthread_create(&threads[i], NULL, map_and_unmap,
				    (void *)i) == 0);
	all = map_and_unmap((void *)OTHERS) != NULL;
	for (int i = 0; i < OTHERS; i++) {
		void *good;

		need(pthread_join(threads[i], &good) == 0);
		all &= good != NULL;
	}
	ok(all, "each finds in its memory what it wrote");
}

/*
 * The clock, from one thread to the next.
 */
static pthread_mutex_t clock_lock = PTHREAD_MUTEX_INITIALIZER;
static struct timespec latest;

static int before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec
				      : a->tv_nsec < b->tv_nsec;
}

static void *read_clock(void *good)
{
	struct timespec now;

	for (int i = 0; i < 50 * ROUNDS; i++) {
		pthread_mutex_lock(&clock_lock);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (before(&now, &latest))
			*(int *)good = 0;
		latest = now;
		pthread_mutex_unlock(&clock_lock);
	}
	return NULL;
}

static void one_clock(void)
{
	pthread_t thread;
	int mine = 1, theirs = 1;

	need(pthread_create(&thread, NULL, read_clock, &theirs) == 0);
	read_clock(&mine);
	need(pthread_join(thread, NULL) == 0);
	ok(mine && theirs, "time goes on from one thread to the next");
}

int main(void)
{
	watched_by_others();
	fault_storm();
	own_mappings();
	one_clock();
	return done();
}

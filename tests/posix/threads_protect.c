// SPDX-License-Identifier: BSD-3-Clause
/*
 * Write access that one thread takes away from a page is gone for all when
 * mprotect() returns, even for those who have just written there: not one
 * more write lands, and a writer's fault can be handled and gone on from.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "tap.h"

enum { PAGE = 4096, ROUNDS = 40, LOOKS = 3000, WRITES = 100000 };

static volatile long *word;
static atomic_int stop, faults;
static sigjmp_buf fault;

static void on_fault(int signal)
{
	(void)signal;
	atomic_fetch_add(&faults, 1);
	siglongjmp(fault, 1);
}

static void *writer(void *arg)
{
	while (!atomic_load(&stop)) {
		if (sigsetjmp(fault, 1)) {
			sched_yield();
			continue;
		}
		for (int i = 0; i < WRITES && !atomic_load(&stop); i++)
			++*word;
	}
	return arg;
}

/* The writer has written since the call. */
static void wait_for_writes(void)
{
	long before = *word;

	while (*word == before)
		sched_yield();
}

/* Take write access away: does the word stand still from then on? */
static int stands_still(int protection)
{
	long seen;

	if (mprotect((void *)word, PAGE, protection) != 0)
		return 0;
	seen = *word;
	for (int i = 0; i < LOOKS; i++)
		if (*word != seen)
			return 0;
	for (int met = atomic_load(&faults); atomic_load(&faults) == met;)
		sched_yield(); /* until the writer has tried */
	return *word == seen;
}

int main(void)
{
	int still = 0, given_back = 0;
	pthread_t thread;

	word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(word != MAP_FAILED, "a page");
	signal(SIGSEGV, on_fault);
	ok(pthread_create(&thread, NULL, writer, NULL) == 0, "a writer");
	for (int i = 0; i < ROUNDS; i++) {
		wait_for_writes();
		still += stands_still(PROT_READ);
		given_back += mprotect((void *)word, PAGE,
				       PROT_READ | PROT_WRITE) == 0;
	}
	ok(still == ROUNDS, "nobody writes to a page without write access");
	ok(given_back == ROUNDS, "write access is given back");
	wait_for_writes();
	ok(1, "and the writer goes on");
	atomic_store(&stop, 1);
	ok(pthread_join(thread, NULL) == 0, "the writer ends");
	ok(atomic_load(&faults) >= ROUNDS,
	   "it has met the protection each time");
	return done();
}

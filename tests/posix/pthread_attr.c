// SPDX-License-Identifier: BSD-3-Clause
/*
 * Attributes of threads: stacks, guards, detached threads.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/mman.h>

#include "tap.h"

enum { BIG = 4 << 20, OWN = 256 << 10, DETACHED = 200, NEAR = 64 << 10 };

static sem_t ended;

/* Use (bytes) of stack: every page of it. */
static int use(size_t bytes)
{
	volatile char block[4096];

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)i;
	return bytes < 2 * sizeof(block)
		       ? block[7]
		       : use(bytes - sizeof(block)) + block[1];
}

/* Is this frame on the stack that the thread is said to have, of (*ret_size)?
 */
static int is_on_own_stack(size_t *ret_size)
{
	pthread_attr_t attr;
	void *addr;
	char here;

	need(pthread_getattr_np(pthread_self(), &attr) == 0);
	need(pthread_attr_getstack(&attr, &addr, ret_size) == 0);
	return (uintptr_t)&here >= (uintptr_t)addr &&
	       (uintptr_t)&here < (uintptr_t)addr + *ret_size;
}

static void *use_big(void *arg)
{
	size_t size = 0;

	ok(is_on_own_stack(&size), "a thread knows where its stack is");
	ok(size >= BIG, "and how large");
	use(BIG / 2);
	return arg;
}

static void *where(void *arg)
{
	char here;

	use(OWN / 2);
	return (void *)((uintptr_t)&here - (uintptr_t)arg < OWN ? arg : NULL);
}

static void stacks(void)
{
	void *stack = mmap(NULL, OWN, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attr;
	pthread_t thread;
	void *result;
	size_t size = 0;

	need(stack != MAP_FAILED && pthread_attr_init(&attr) == 0);
	ok(pthread_attr_setstacksize(&attr, BIG) == 0 &&
		   pthread_attr_getstacksize(&attr, &size) == 0 && size == BIG,
	   "a large stack");
	ok(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN - 1) == EINVAL,
	   "too small a one");
	ok(pthread_attr_setguardsize(&attr, 65536) == 0 &&
		   pthread_attr_getguardsize(&attr, &size) == 0 &&
		   size == 65536,
	   "a large guard");
	need(pthread_create(&thread, &attr, use_big, NULL) == 0);
	need(pthread_join(thread, NULL) == 0);
	ok(pthread_attr_setstack(&attr, stack, OWN) == 0,
	   "a stack of one's own");
	need(pthread_create(&thread, &attr, where, stack) == 0);
	need(pthread_join(thread, &result) == 0);
	ok(result == stack, "is where the thread is");
	need(munmap(stack, OWN) == 0);
}

static void *post(void *arg)
{
	need(sem_post(&ended) == 0);
	return arg;
}

static void detached(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int state = -1;

	need(sem_init(&ended, 0, 0) == 0 && pthread_attr_init(&attr) == 0);
	ok(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0 &&
		   pthread_attr_getdetachstate(&attr, &state) == 0 &&
		   state == PTHREAD_CREATE_DETACHED,
	   "a thread that nobody joins");
	ok(pthread_attr_setdetachstate(&attr, 7) == EINVAL, "or what");
	for (int i = 0; i < DETACHED; i++) {
		need(pthread_create(&thread, &attr, post, NULL) == 0);
		need(sem_wait(&ended) == 0);
	}
	ok(1, "many of them, one after the other");
	for (int i = 0; i < DETACHED; i++) {
		need(pthread_create(&thread, NULL, post, NULL) == 0);
		need(pthread_detach(thread) == 0);
		need(sem_wait(&ended) == 0);
	}
	ok(1, "or detached later");
}

/* Use the stack down to (end), as far as no system call needs. */
static int dive(const char *end)
{
	volatile char block[4096];

	block[0] = 1;
	return (char *)block < end + NEAR ? block[0] : dive(end) * block[0];
}

/* Is all the first thread's that it is said to have? */
static int has_all(void)
{
	pthread_attr_t attr;
	void *end;
	size_t size;

	need(pthread_getattr_np(pthread_self(), &attr) == 0);
	need(pthread_attr_getstack(&attr, &end, &size) == 0);
	return dive(end);
}

static void of_main(void)
{
	size_t size = 0;

	ok(is_on_own_stack(&size), "the first thread knows where its stack is");
	ok(has_all(), "and has all of it");
	ok(pthread_equal(pthread_self(), pthread_self()), "and who it is");
}

int main(void)
{
	stacks();
	detached();
	of_main();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * What each thread has of its own: thread-local variables, keys with their
 * destructors, errno, its stack's size, its number.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include "tap.h"

enum { THREADS = 8, ROUNDS = 2000 };

static __thread int own = 5;
static pthread_key_t key;
static int destroyed, wrong;
static pid_t numbers[THREADS];

static void destroy(void *value)
{
	(void)value;
	__atomic_fetch_add(&destroyed, 1, __ATOMIC_RELAXED);
}

static void *use(void *arg)
{
	int mine = (int)(long)arg;

	if (own != 5)
		wrong = 1;
	numbers[mine] = gettid();
	pthread_setspecific(key, arg + 1);
	for (int i = 0; i < ROUNDS; i++) {
		own = errno = mine;
		sched_yield();
		if (own != mine || errno != mine ||
		    pthread_getspecific(key) != arg + 1)
			wrong = 1;
	}
	return NULL;
}

static void *deep(void *arg)
{
	volatile char space[400 * 1024];

	for (size_t i = 0; i < sizeof(space); i += 1024)
		space[i] = 1;
	return space[sizeof(space) - 1024] ? arg : NULL;
}

static void stacks(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	void *value = NULL;
	size_t size;

	need(pthread_attr_init(&attr) == 0);
	ok(pthread_attr_setstacksize(&attr, 1) == EINVAL, "a stack too small");
	need(pthread_attr_setstacksize(&attr, 512 * 1024) == 0);
	need(pthread_create(&thread, &attr, deep, &key) == 0);
	ok(pthread_join(thread, &value) == 0 && value == &key,
	   "a stack as large as was asked for");
	need(pthread_attr_getstacksize(&attr, &size) == 0);
	ok(size == 512 * 1024, "and said to be");
	pthread_attr_destroy(&attr);
}

int main(void)
{
	pthread_t threads[THREADS];
	int distinct = 1;

	need(pthread_key_create(&key, destroy) == 0);
	own = 77;
	for (long i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, use, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	for (int i = 0; i < THREADS; i++) {
		distinct &= numbers[i] != getpid();
		for (int k = 0; k < i; k++)
			distinct &= numbers[i] != numbers[k];
	}
	ok(!wrong, "each thread sees its own");
	ok(own == 77, "the first thread's stays");
	ok(destroyed == THREADS, "every key's value was destroyed");
	ok(distinct, "numbers are distinct");
	ok(gettid() == getpid(), "the first thread's is the process's");
	stacks();
	return done();
}

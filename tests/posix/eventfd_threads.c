// SPDX-License-Identifier: BSD-3-Clause
/*
 * eventfd() between threads: a semaphore hands out each unit once, a counter
 * loses nothing, and a full one makes writers wait.
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tap.h"

enum { THREADS = 4, UNITS = 2000 };

static int fd, broken;
static uint64_t taken[THREADS];

static int put(uint64_t value)
{
	return write(fd, &value, sizeof(value)) == sizeof(value);
}

static uint64_t get(void)
{
	uint64_t value = 0;

	return read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static void *take_units(void *arg)
{
	for (int i = 0; i < UNITS; i++)
		*(uint64_t *)arg += get();
	return NULL;
}

static void *put_units(void *arg)
{
	for (int i = 0; i < UNITS; i++) {
		if (!put(1 + (uintptr_t)arg))
			broken = 1;
	}
	return NULL;
}

static void semaphore(void)
{
	pthread_t threads[THREADS];
	uint64_t sum = 0;

	fd = eventfd(0, EFD_SEMAPHORE);
	need(fd >= 0);
	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, take_units, &taken[i]) ==
		     0);
	for (int left = THREADS * UNITS, n = 1; left > 0; left -= n) {
		n = n % 7 + 1;
		n = n < left ? n : left;
		need(put(n));
		if (left % 64 == 0)
			sched_yield();
	}
	for (int i = 0; i < THREADS; i++) {
		need(pthread_join(threads[i], NULL) == 0);
		sum += taken[i];
	}
	ok(sum == THREADS * UNITS, "each unit is taken once");
	close(fd);
}

static void counter(void)
{
	pthread_t threads[THREADS];
	uint64_t sum = 0, want = 0;

	fd = eventfd(0, 0);
	need(fd >= 0);
	for (long i = 0; i < THREADS; i++) {
		need(pthread_create(&threads[i], NULL, put_units, (void *)i) ==
		     0);
		want += UNITS * (1 + i);
	}
	while (sum < want)
		sum += get();
	for (int i = 0; i < THREADS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(sum == want && !broken, "nothing is lost");
	close(fd);
}

static void full(void)
{
	pthread_t thread;

	fd = eventfd(0, 0);
	need(fd >= 0 && put(UINT64_MAX - 5));
	need(pthread_create(&thread, NULL, put_units, (void *)0) == 0);
	for (int i = 0; i < 100; i++)
		sched_yield();
	ok(get() >= UINT64_MAX - 5, "a full one");
	need(pthread_join(thread, NULL) == 0);
	ok(!broken, "makes writers wait");
	close(fd);
}

int main(void)
{
	semaphore();
	counter();
	full();
	return done();
}

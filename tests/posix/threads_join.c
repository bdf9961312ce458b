// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads begin with their argument, end with their value, and are joined;
 * detached ones end alone; there may be many, one after the other and at once.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>

#include "tap.h"

enum { MANY = 200, ROUNDS = 1000 };

static sem_t ended;

static void *double_it(void *arg)
{
	return (void *)((uintptr_t)arg * 2);
}

static void *exit_with_it(void *arg)
{
	pthread_exit(arg);
}

static void *post(void *arg)
{
	sem_post(&ended);
	return arg;
}

static void *join_it(void *arg)
{
	void *value;

	need(pthread_join(*(pthread_t *)arg, &value) == 0);
	return value;
}

static void values(void)
{
	pthread_t a, b;
	void *value = NULL;

	need(pthread_create(&a, NULL, double_it, (void *)21) == 0);
	ok(pthread_join(a, &value) == 0 && value == (void *)42,
	   "a thread's value is what it returned");
	need(pthread_create(&a, NULL, exit_with_it, (void *)7) == 0);
	ok(pthread_join(a, &value) == 0 && value == (void *)7,
	   "or what it gave pthread_exit");
	need(pthread_create(&a, NULL, double_it, (void *)4) == 0);
	need(pthread_create(&b, NULL, join_it, &a) == 0);
	ok(pthread_join(b, &value) == 0 && value == (void *)8,
	   "a thread may join another");
	ok(pthread_equal(pthread_self(), pthread_self()), "one is oneself");
}

static void many(void)
{
	static pthread_t threads[MANY];
	uintptr_t sum = 0;
	void *value;
	int rounds = 0;

	for (uintptr_t i = 0; i < MANY; i++)
		need(pthread_create(&threads[i], NULL, double_it, (void *)i) ==
		     0);
	for (int i = 0; i < MANY; i++) {
		need(pthread_join(threads[i], &value) == 0);
		sum += (uintptr_t)value;
	}
	ok(sum == MANY * (MANY - 1), "200 at once");
	for (; rounds < ROUNDS; rounds++) {
		if (pthread_create(&threads[0], NULL, double_it, NULL) != 0 ||
		    pthread_join(threads[0], NULL) != 0)
			break;
	}
	ok(rounds == ROUNDS, "1000 one after the other");
}

static void detached(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int done = 0;

	need(sem_init(&ended, 0, 0) == 0);
	need(pthread_attr_init(&attr) == 0);
	need(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
	for (; done < ROUNDS; done++) {
		if (pthread_create(&thread, &attr, post, NULL) != 0)
			break;
		sem_wait(&ended);
	}
	ok(done == ROUNDS, "1000 detached ones");
	need(pthread_create(&thread, NULL, post, NULL) == 0);
	ok(pthread_detach(thread) == 0, "one is detached later");
	sem_wait(&ended);
	pthread_attr_destroy(&attr);
}

int main(void)
{
	values();
	many();
	detached();
	return done();
}

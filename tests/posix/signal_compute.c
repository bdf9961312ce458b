// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals to a thread that computes and makes no system call: its handler
 * runs, and what it computes is not disturbed.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>

#include "tap.h"

enum { TIMES = 20 };

static atomic_int runs, computing, stop;
static sigjmp_buf out;

static void count(int signal)
{
	(void)signal;
	runs++;
}

/* A handler uses the vector registers too. */
static void calculate(int signal)
{
	volatile double x = signal;

	for (int i = 0; i < 100; i++)
		x = x * 1.5 + 0.25;
	runs++;
}

static void jump(int signal)
{
	siglongjmp(out, signal);
}

/* The same sum over and over; how often it was another. */
static void *compute(void *arg)
{
	long wrong = 0;
	double first = 0;

	(void)arg;
	computing = 1;
	for (long round = 0; !stop; round++) {
		double a = 0, b = 1, c = 2, d = 3;

		for (int i = 1; i < 2000; i++) {
			a += 1.0 / i;
			b += a * 0.5;
			c += b / (i + 1);
			d += c - a;
		}
		if (round == 0)
			first = d;
		wrong += d != first;
	}
	return (void *)wrong;
}

static void *compute_until_jump(void *arg)
{
	(void)arg;
	if (sigsetjmp(out, 1) == 0) {
		computing = 1;
		for (;;)
			atomic_signal_fence(memory_order_seq_cst);
	}
	return &stop;
}

static pthread_t start(void *(*function)(void *))
{
	pthread_t thread;

	runs = computing = stop = 0;
	need(pthread_create(&thread, NULL, function, NULL) == 0);
	while (!computing)
		sched_yield();
	return thread;
}

static void send_many(pthread_t thread, int signal)
{
	for (int i = 0; i < TIMES; i++) {
		int before = runs;

		need(pthread_kill(thread, signal) == 0);
		while (runs == before)
			sched_yield();
	}
}

static void *cancel_me(void *arg)
{
	int old;

	(void)arg;
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
	computing = 1;
	for (;;)
		atomic_signal_fence(memory_order_seq_cst);
	return NULL;
}

int main(void)
{
	pthread_t thread;
	void *result;

	signal(SIGUSR1, count);
	signal(SIGUSR2, calculate);
	signal(SIGHUP, jump);
	thread = start(compute);
	send_many(thread, SIGUSR1);
	ok(runs == TIMES, "handlers run while a thread computes");
	send_many(thread, SIGUSR2);
	stop = 1;
	need(pthread_join(thread, &result) == 0);
	ok((long)result == 0, "its sums are right");
	thread = start(compute_until_jump);
	need(pthread_kill(thread, SIGHUP) == 0);
	need(pthread_join(thread, &result) == 0);
	ok(result == &stop, "a jump out of the handler ends it");
	thread = start(cancel_me);
	need(pthread_cancel(thread) == 0);
	need(pthread_join(thread, &result) == 0);
	ok(result == PTHREAD_CANCELED, "asynchronous cancellation");
	return done();
}

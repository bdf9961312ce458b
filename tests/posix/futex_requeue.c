// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiters moved from word to word, and FUTEX_WAKE_OP, which changes a word.
 */
#define _GNU_SOURCE
#include "futex.h"

enum { THREADS = 5 };
enum { SET, ADD, OR, ANDN, XOR, SHIFT = 8 };
enum { EQ, NE, LT, LE, GT, GE };

static uint32_t a, b, c;

static void *wait_for_a(void *arg)
{
	need(futex(&a, WAIT | PRIVATE, 0, 0, NULL, 0) == 0);
	return arg;
}

static void start_all(pthread_t *threads, uint32_t *where)
{
	for (int i = 0; i < THREADS; i++)
		threads[i] = start(wait_for_a, NULL);
	for (int n = 0; n < THREADS; sched_yield())
		n += (int)futex(&a, REQUEUE | PRIVATE, 0, INT_MAX, where, 0);
}

static void join_all(pthread_t *threads)
{
	for (int i = 0; i < THREADS; i++)
		join(threads[i]);
}

static void moves(void)
{
	pthread_t threads[THREADS];

	start_all(threads, &b);
	b = 7;
	fails(futex(&b, CMP_REQUEUE | PRIVATE, 1, 1, &c, 8), EAGAIN,
	      "the word is another than expected");
	ok(futex(&b, CMP_REQUEUE | PRIVATE, 1, 2, &c, 7) == 3,
	   "one woken and two moved");
	ok(futex(&c, WAKE | PRIVATE, INT_MAX, 0, NULL, 0) == 2,
	   "the two wait there");
	ok(futex(&b, REQUEUE | PRIVATE, 0, 1, &b, 0) == 1,
	   "moved to where it is");
	ok(futex(&b, REQUEUE | PRIVATE, INT_MAX, INT_MAX, &c, 0) == 2,
	   "all that are left are woken");
	join_all(threads);
}

static uint32_t code(unsigned op, int oparg, unsigned cmp, int cmparg)
{
	return op << 28 | cmp << 24 | ((uint32_t)oparg & 0xfff) << 12 |
	       ((uint32_t)cmparg & 0xfff);
}

/* The word after an operation on (value). */
static uint32_t after(uint32_t value, unsigned op, int arg)
{
	b = value;
	need(futex(&a, WAKE_OP | PRIVATE, 1, 1, &b, code(op, arg, EQ, 0)) == 0);
	return b;
}

static void operations(void)
{
	ok(after(5, SET, 12) == 12, "set");
	ok(after(5, SET, -1) == ~0u, "set to what is negative");
	ok(after(5, ADD, -6) == ~0u, "add");
	ok(after(5, OR, 6) == 7, "or");
	ok(after(5, ANDN, 4) == 1, "and not");
	ok(after(5, XOR, 3) == 6, "exclusive or");
	ok(after(0, SET | SHIFT, 31) == 1u << 31, "a bit by its number");
	fails(futex(&a, WAKE_OP | PRIVATE, 1, 1, &b, code(5, 0, EQ, 0)), ENOSYS,
	      "no such operation");
	fails(futex(&a, WAKE_OP | PRIVATE, 1, 1, &b, code(SET, 0, 6, 0)),
	      ENOSYS, "no such condition");
}

/* How many wake of one on (c) when (b) was (value). */
static long woken(uint32_t value, unsigned cmp, int arg)
{
	b = value;
	return futex(&a, WAKE_OP | PRIVATE, 1, 1, &b, code(SET, 0, cmp, arg));
}

static void conditions(void)
{
	pthread_t threads[THREADS];

	start_all(threads, &b);
	ok(woken(5, EQ, 6) == 0 && woken(5, NE, 5) == 0 && woken(5, LT, 5) == 0,
	   "conditions that do not hold");
	ok(woken(5, LE, 4) == 0 && woken(5, GT, 5) == 0 && woken(5, GE, 6) == 0,
	   "and others");
	ok(woken(5, EQ, 5) == 1, "equal");
	ok(woken(5, NE, 4) == 1, "not equal");
	ok(woken(-5u, LT, -4) == 1, "less, with signs");
	ok(woken(5, GT, -1) == 1, "greater");
	ok(woken(5, GE, 5) == 1, "greater or equal");
	join_all(threads);
}

static void both(void)
{
	pthread_t threads[THREADS];

	start_all(threads, &b);
	need(futex(&b, REQUEUE | PRIVATE, 0, 2, &c, 0) == 2);
	b = 0;
	ok(futex(&c, WAKE_OP | PRIVATE, 1, INT_MAX, &b, code(ADD, 1, EQ, 0)) ==
		   4,
	   "waiters of both words");
	ok(b == 1, "and a sum");
	ok(futex(&c, WAKE | PRIVATE, INT_MAX, 0, NULL, 0) == 1, "one was left");
	join_all(threads);
}

int main(void)
{
	moves();
	operations();
	conditions();
	both();
	return done();
}

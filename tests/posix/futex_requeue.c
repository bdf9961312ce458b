// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiters moved from word to word, and FUTEX_WAKE_OP, which changes a word.
 *
 * A kernel may have a thread begin its call again, for reasons of its own: it
 * then waits for (a) once more (futex_wake.c). What was found while one had
 * gone back there is found out once more.
 */
#define _GNU_SOURCE
#include "futex.h"

enum { THREADS = 7 };
enum { SET, ADD, OR, ANDN, XOR, SHIFT = 8 };
enum { EQ, NE, LT, LE, GT, GE };

static uint32_t a, b, c, ended;
static long found[9];

static void *wait_for_a(void *arg)
{
	need(futex(&a, WAIT | PRIVATE, 0, 0, NULL, 0) == 0);
	__atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
	return arg;
}

static void start_all(pthread_t *threads, uint32_t *where)
{
	store(&ended, 0);
	for (int i = 0; i < THREADS; i++)
		threads[i] = start(wait_for_a, NULL);
	for (int n = 0; n < THREADS; sched_yield())
		n += (int)futex(&a, REQUEUE | PRIVATE, 0, INT_MAX, where, 0);
}

/* Have all of them end, wherever they wait; false: some did for (a) again. */
static int finish(pthread_t *threads)
{
	int stayed = 1;

	while (load(&ended) < THREADS) {
		stayed &= futex(&a, WAKE | PRIVATE, INT_MAX, 0, NULL, 0) == 0;
		futex(&b, WAKE | PRIVATE, INT_MAX, 0, NULL, 0);
		futex(&c, WAKE | PRIVATE, INT_MAX, 0, NULL, 0);
		sched_yield();
	}
	for (int i = 0; i < THREADS; i++)
		join(threads[i]);
	return stayed;
}

static int move(void)
{
	pthread_t threads[THREADS];

	start_all(threads, &b);
	b = 7;
	found[0] = futex(&b, CMP_REQUEUE | PRIVATE, 1, 1, &c, 8);
	found[1] = errno;
	found[2] = futex(&b, CMP_REQUEUE | PRIVATE, 1, 2, &c, 7);
	found[3] = futex(&c, WAKE | PRIVATE, INT_MAX, 0, NULL, 0);
	found[4] = futex(&b, REQUEUE | PRIVATE, 0, 1, &b, 0);
	found[5] = futex(&b, REQUEUE | PRIVATE, INT_MAX, INT_MAX, &c, 0);
	return finish(threads);
}

static void moves(void)
{
	while (!move())
		continue;
	ok(found[0] == -1 && found[1] == EAGAIN,
	   "the word is another than expected");
	ok(found[2] == 3, "one woken and two moved");
	ok(found[3] == 2, "the two wait there");
	ok(found[4] == 1, "moved to where it is");
	ok(found[5] == THREADS - 3, "all that are left are woken");
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

static int compare(void)
{
	pthread_t threads[THREADS];

	start_all(threads, &b);
	found[0] = woken(5, EQ, 6) + woken(5, NE, 5) + woken(5, LT, 5);
	found[1] = woken(5, LE, 4) + woken(5, GT, 5) + woken(5, GE, 6);
	found[2] = woken(5, EQ, 5);
	found[3] = woken(5, NE, 4);
	found[4] = woken(-5u, LT, -4);
	found[5] = woken(5, GT, -1);
	found[6] = woken(5, GE, 5);
	found[7] = woken(5, LE, 5);
	found[8] = woken(5, LE, 6);
	return finish(threads);
}

static void conditions(void)
{
	while (!compare())
		continue;
	ok(found[0] == 0, "conditions that do not hold");
	ok(found[1] == 0, "and others");
	ok(found[2] == 1, "equal");
	ok(found[3] == 1, "not equal");
	ok(found[4] == 1, "less, with signs");
	ok(found[5] == 1, "greater");
	ok(found[6] == 1, "greater or equal");
	ok(found[7] == 1, "less or equal, as equal");
	ok(found[8] == 1, "and as less");
}

static int wake_both(void)
{
	pthread_t threads[THREADS];

	start_all(threads, &b);
	found[0] = futex(&b, REQUEUE | PRIVATE, 0, 2, &c, 0);
	b = 0;
	found[1] = futex(&c, WAKE_OP | PRIVATE, 1, INT_MAX, &b,
			 code(ADD, 1, EQ, 0));
	found[2] = b;
	found[3] = futex(&c, WAKE | PRIVATE, INT_MAX, 0, NULL, 0);
	return finish(threads);
}

static void both(void)
{
	while (!wake_both())
		continue;
	ok(found[0] == 2 && found[1] == THREADS - 1, "waiters of both words");
	ok(found[2] == 1, "and a sum");
	ok(found[3] == 1, "one was left");
}

int main(void)
{
	moves();
	operations();
	conditions();
	both();
	return done();
}

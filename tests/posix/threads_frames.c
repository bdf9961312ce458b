// SPDX-License-Identifier: BSD-3-Clause
/*
 * Small and large frames on the stacks of several threads, that lie in the red
 * zone in part or as a whole: interrupted by other threads and by handlers of
 * signals, they are as they were. Valgrind is to be of the same opinion.
 */
#include <signal.h>
#include <sys/time.h>

#include "tap.h"
#include "together.h"

enum { THREADS = 4, ROUNDS = 30000 };

/* Calls nothing, so that it has what is below its stack pointer. */
#define LEAF(size)                                                 \
	static __attribute__((noinline)) int leaf_##size(int seed) \
	{                                                          \
		volatile char bytes[size];                         \
                                                                   \
		bytes[0] = seed;                                   \
		bytes[(size)-1] = seed + 1;                        \
		for (volatile int i = 0; i < 5; i++)               \
			;                                          \
		return bytes[0] == (char)seed &&                   \
		       bytes[(size)-1] == (char)(seed + 1);        \
	}

LEAF(40)
LEAF(72)
LEAF(200)
LEAF(1000)

static volatile int caught, wrong;

static void look(int seed)
{
	if (!leaf_40(seed) || !leaf_72(seed) || !leaf_200(seed) ||
	    !leaf_1000(seed))
		wrong = 1;
}

static void on_alarm(int signal)
{
	caught++;
	look(signal);
}

static void *use(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++)
		look(i);
	return NULL;
}

static void handlers(void)
{
	struct itimerval never = {.it_value = {0, 0}};
	struct itimerval often = {
		.it_interval = {0, 1000},
		.it_value = {0, 1000},
	};

	need(signal(SIGALRM, on_alarm) != SIG_ERR);
	need(setitimer(ITIMER_REAL, &often, NULL) == 0);
	while (caught < 20)
		look(caught);
	need(setitimer(ITIMER_REAL, &never, NULL) == 0);
	ok(!wrong, "and while handlers run, which have their own");
}

int main(void)
{
	together(THREADS, use);
	ok(!wrong, "frames keep what was written there while others run");
	handlers();
	return done();
}

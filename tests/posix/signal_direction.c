// SPDX-License-Identifier: BSD-3-Clause
/*
 * A handler that interrupts string moves downwards begins with the direction
 * flag clear, as C wants it, and leaves the interrupted ones as they were.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>

#include "tap.h"

enum { BYTES = 1 << 16, TIMES = 10, DIRECTION = 0x400 };

static unsigned char from[BYTES], to[BYTES];
static volatile sig_atomic_t downwards, during, set;

static void handler(int number)
{
	(void)number;
	set += (__builtin_ia32_readeflags_u64() & DIRECTION) != 0;
	__asm__ volatile("cld");
	during += downwards;
}

static void copy_downwards(void)
{
	unsigned char *d = to + BYTES - 1, *s = from + BYTES - 1;
	size_t n = BYTES;

	downwards = 1;
	__asm__ volatile("std\n\trep movsb\n\tcld"
			 : "+D"(d), "+S"(s), "+c"(n)::"memory");
	downwards = 0;
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler};
	struct itimerval timer = {{0, 1000}, {0, 1000}};
	int wrong = 0;

	for (int i = 0; i < BYTES; i++)
		from[i] = (unsigned char)(i * 7 + i / 256);
	need(sigaction(SIGALRM, &action, NULL) == 0);
	need(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	while (during < TIMES) {
		memset(to, 0, sizeof(to));
		copy_downwards();
		wrong += memcmp(from, to, sizeof(to)) != 0;
	}
	timer = (struct itimerval){{0, 0}, {0, 0}};
	need(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	ok(set == 0, "handlers begin with the direction flag clear");
	ok(wrong == 0, "and the moves go on downwards");
	return done();
}

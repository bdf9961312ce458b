// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a wait for a word does where nobody wakes it: the times it takes.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { WAIT = 0, WAKE = 1, WAIT_BITSET = 9, REALTIME = 256 };

static uint32_t word;

static long futex(int op, uint32_t value, const struct timespec *time,
		  uint32_t bits)
{
	return syscall(SYS_futex, &word, op, value, time, NULL, bits);
}

static void deadlines(int op, clockid_t clock, const char *past,
		      const char *soon)
{
	struct timespec long_ago = {0, 1}, now;

	fails(futex(op, 0, &long_ago, ~0u), ETIMEDOUT, past);
	need(clock_gettime(clock, &now) == 0);
	now.tv_nsec += 1000000;
	now.tv_sec += now.tv_nsec / 1000000000;
	now.tv_nsec %= 1000000000;
	fails(futex(op, 0, &now, ~0u), ETIMEDOUT, soon);
}

int main(void)
{
	const struct timespec none = {0, 0}, bad = {-1, 0}, little = {0, 1000};

	fails(futex(WAIT, 0, &none, 0), ETIMEDOUT, "no time at all");
	fails(futex(WAIT, 0, &little, 0), ETIMEDOUT, "a microsecond");
	fails(futex(WAIT, 1, NULL, 0), EAGAIN, "the word is another");
	fails(futex(WAIT, 1, &bad, 0), EINVAL, "a time that is none");
	fails(futex(WAIT_BITSET, 0, &none, 0), EINVAL, "no bits to wait for");
	deadlines(WAIT_BITSET, CLOCK_MONOTONIC, "a deadline in the past",
		  "one in a millisecond");
	deadlines(WAIT_BITSET | REALTIME, CLOCK_REALTIME,
		  "one in the past of the wall clock",
		  "one in a millisecond of it");
	ok(futex(WAKE, 1, NULL, 0) == 0, "nobody to wake");
	return done();
}

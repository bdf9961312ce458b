// SPDX-License-Identifier: BSD-3-Clause
/*
 * Floating-point values and the rounding mode survive calls that block or
 * enter the system in other ways.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <fenv.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static volatile double start = 1.0;

static void enter(int how)
{
	static const struct timespec brief = {.tv_nsec = 100000};
	char c;
	int fd;

	switch (how % 4) {
	case 0:
		nanosleep(&brief, NULL);
		break;
	case 1:
		poll(NULL, 0, 1);
		break;
	case 2:
		sched_yield();
		break;
	default:
		fd = open("file", O_RDONLY);
		need(fd >= 0 && read(fd, &c, 1) == 1 && close(fd) == 0);
	}
}

/* Many values live across the calls, as many as there are registers. */
static double compute(int calls)
{
	double value[12], sum = 0;

	for (int i = 0; i < 12; i++)
		value[i] = start + i;
	for (int turn = 0; turn < 20; turn++) {
		for (int i = 0; i < 12; i++)
			value[i] = sqrt(value[i] * value[i] + turn);
		if (calls)
			enter(turn);
	}
	for (int i = 0; i < 12; i++)
		sum += value[i];
	return sum;
}

static long double compute_long(int calls)
{
	long double value = start;

	for (int turn = 0; turn < 20; turn++) {
		value = value * 1.5L + 0.25L;
		if (calls)
			enter(turn);
	}
	return value;
}

static void rounding(int mode, long want, const char *what)
{
	volatile double half = 2.5;
	int kept = 1;

	need(fesetround(mode) == 0);
	for (int turn = 0; turn < 4; turn++) {
		enter(turn);
		kept &= fegetround() == mode && lrint(half) == want;
	}
	need(fesetround(FE_TONEAREST) == 0);
	ok(kept, what);
}

int main(void)
{
	put_text("file", "x");
	ok(compute(0) == compute(1), "double values");
	ok(compute_long(0) == compute_long(1), "long double values");
	rounding(FE_UPWARD, 3, "rounding upward");
	rounding(FE_DOWNWARD, 2, "rounding downward");
	rounding(FE_TOWARDZERO, 2, "rounding toward zero");
	rounding(FE_TONEAREST, 2, "rounding to nearest");
	return done();
}

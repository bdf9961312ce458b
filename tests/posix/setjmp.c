// SPDX-License-Identifier: BSD-3-Clause
/*
 * setjmp() returns once more for each longjmp(), with its value, from any
 * depth, and volatile variables keep theirs.
 */
#define _GNU_SOURCE
#include <setjmp.h>

#include "tap.h"

static jmp_buf place;

__attribute__((noinline, noreturn)) static void dive(int depth, int value)
{
	volatile char frame[64] = {0};

	frame[depth & 63] = 1;
	if (depth > 0)
		dive(depth - 1, value);
	longjmp(place, value + frame[0] * 0);
}

static void values(void)
{
	volatile int passes = 0;
	int value = setjmp(place);

	passes++;
	if (passes == 1) {
		ok(value == 0, "setjmp returns 0 at first");
		longjmp(place, 42);
	}
	if (passes == 2) {
		ok(value == 42, "then longjmp's value");
		longjmp(place, 0);
	}
	ok(value == 1, "which is never 0");
	ok(passes == 3, "a volatile variable keeps its value");
}

static void from_the_deep(void)
{
	volatile int count = 0;

	if (setjmp(place) != 0)
		count++;
	if (count < 100)
		dive(200, 7);
	ok(count == 100, "a hundred times from 200 calls deep");
}

static void nested(void)
{
	jmp_buf outer;
	volatile int trace = 0;
	int again = setjmp(outer);

	if (again == 0) {
		if (setjmp(place) == 0)
			longjmp(place, 1);
		trace = 1;
		longjmp(outer, 2);
	}
	ok(again == 2 && trace == 1, "one inside of another");
}

static void with_signals(void)
{
	sigjmp_buf saved;
	volatile int passes = 0;
	int value = sigsetjmp(saved, 1);

	passes++;
	if (passes == 1)
		siglongjmp(saved, 5);
	ok(value == 5 && passes == 2, "sigsetjmp and siglongjmp");
}

int main(void)
{
	values();
	from_the_deep();
	nested();
	with_signals();
	return done();
}

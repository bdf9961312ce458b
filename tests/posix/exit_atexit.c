// SPDX-License-Identifier: BSD-3-Clause
/*
 * exit() runs what atexit() was told, last first, then writes
 * out streams; returning from main() is an exit().
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static FILE *stream;
static int order;

static void last(void)
{
	ok(order == 34, "the first one told runs last");
	ok(has_text("buffered", ""), "a stream is not written before");
	done();
	if (tap_failures)
		_exit(EXIT_FAILURE);
}

static void middle(void)
{
	ok(order == 33, "the second one told runs last but one");
	order++;
}

static void added(void)
{
	ok(order == 32, "one told while exiting runs next");
	order++;
}

static void first(void)
{
	ok(order == 31, "the last one told runs first");
	order++;
	ok(atexit(added) == 0, "atexit while exiting");
}

static void counts(void)
{
	order++;
}

int main(void)
{
	int told = 0;

	stream = fopen("buffered", "w");
	need(stream && fputs("text", stream) >= 0);
	told += atexit(last);
	told += atexit(middle);
	told += atexit(first);
	for (int i = 0; i < 31; i++)
		told += atexit(counts);
	ok(told == 0, "34 functions");
	ok(order == 0, "none runs yet");
	return 0;
}

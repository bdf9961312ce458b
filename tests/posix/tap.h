// SPDX-License-Identifier: BSD-3-Clause
/*
 * A test program states facts with ok(), fails() and fails_null(), a line of
 * output each, and ends main with `return done();`. The output is compared
 * between platforms byte for byte, so a fact's name carries nothing that
 * differs between runs or machines; only the line of a failure may.
 */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fact (what) holds when (cond) is true; returns whether it does. */
#define ok(cond, what) tap_ok(!!(cond), what, __FILE__, __LINE__)

/* (call) answers -1 (or MAP_FAILED) and sets errno to (want). */
#define fails(call, want, what) \
	(errno = 0, tap_fails((long)(call), want, what, __FILE__, __LINE__))

/* (call) answers NULL and sets errno to (want). */
#define fails_null(call, want, what) \
	(errno = 0, tap_fails((call) ? 0 : -1, want, what, __FILE__, __LINE__))

/* The test makes no sense unless (cond) is true: a silent precondition. */
#define need(cond) tap_need(!!(cond), #cond, __FILE__, __LINE__)

static int tap_lines;
static int tap_failures;

static inline int tap_ok(int passed, const char *what, const char *file,
			 int line)
{
	int error = errno;

	tap_lines++;
	if (passed) {
		printf("ok %d - %s\n", tap_lines, what);
	} else {
		tap_failures++;
		printf("not ok %d - %s (%s:%d: %s)\n", tap_lines, what, file,
		       line, strerror(error));
	}
	fflush(stdout);
	errno = error;
	return passed;
}

static inline int tap_fails(long result, int want, const char *what,
			    const char *file, int line)
{
	return tap_ok(result == -1 && errno == want, what, file, line);
}

static inline void tap_need(int met, const char *what, const char *file,
			    int line)
{
	if (met)
		return;
	printf("Bail out! %s:%d: %s: %s\n", file, line, what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* The place cannot show what the program is about: meson's status for it. */
static inline void skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(77);
}

static inline int done(void)
{
	printf("1..%d\n", tap_lines);
	return tap_failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

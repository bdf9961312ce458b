// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the unit tests have in common. Core's numbers come first: libc's
 * headers, which Criterion brings, define the same names as macros.
 */
#include "core/abi.h"

#include <criterion/criterion.h>

#include "core/lib.h"
#include "core/log.h"
#include "core/mem.h"
#include "tests/fake/fake.h"

int snprintf(char *buf, size_t size, const char *fmt, ...)
	eft_printf_like(3, 4);
int strcmp(const char *a, const char *b);
char *strstr(const char *s, const char *part);
size_t strlen(const char *s);
void *malloc(size_t size);
void free(void *ptr);

/*
 * Assertions that cost nothing while they hold (Criterion's report each to the
 * runner), for loops of thousands.
 */
#define check(cond) \
	((cond) ? (void)0 : unit_failed(__FILE__, __LINE__, #cond, NULL, NULL))

/* Integers; both are shown. */
#define check_eq(a, b)                                                     \
	do {                                                               \
		long long a_ = (long long)(a), b_ = (long long)(b);        \
                                                                           \
		if (a_ != b_)                                              \
			unit_failed(__FILE__, __LINE__, #a " == " #b, &a_, \
				    &b_);                                  \
	} while (0)

#define check_str(a, b) unit_check_str(__FILE__, __LINE__, #a, a, b)

static eft_noreturn __attribute__((unused)) void
unit_failed(const char *file, int line, const char *what, const long long *a,
	    const long long *b);

/* A seeded sequence (xorshift64*); a failed check shows how far it was. */
static uint64_t unit_seed = 88172645463325252u, unit_steps;

static inline uint64_t unit_random(uint64_t below)
{
	unit_steps++;
	unit_seed ^= unit_seed >> 12;
	unit_seed ^= unit_seed << 25;
	unit_seed ^= unit_seed >> 27;
	return (unit_seed * 2685821657736338717u >> 11) % below;
}

static inline void unit_srandom(uint64_t seed)
{
	unit_seed = 88172645463325252u + seed * 2685821657736338717u;
	unit_steps = 0;
}

static void unit_failed(const char *file, int line, const char *what,
			const long long *a, const long long *b)
{
	char values[64] = "";

	if (a != NULL)
		snprintf(values, sizeof(values), " (%lld, %lld)", *a, *b);
	cr_log_error("%s:%d: %s%s, random step %lu, console:\n%s", file, line,
		     what, values, (unsigned long)unit_steps, fake_console);
	cr_assert_fail("%s:%d: %s%s", file, line, what, values);
	__builtin_unreachable();
}

static inline void unit_check_str(const char *file, int line, const char *what,
				  const char *a, const char *b)
{
	if (strcmp(a, b) != 0)
		cr_assert_fail("%s:%d: %s:\n  \"%s\"\nnot\n  \"%s\"", file,
			       line, what, a, b);
}

/* Run function(arg) and see that core panics, with (words) on the console. */
static inline void unit_check_panics(void (*function)(void *), void *arg,
				     const char *words)
{
	enum fake_end end = fake_run_boot(function, arg);

	check_eq(end, FAKE_CRASHED);
	check_eq(fake_status, SIGABRT);
	check(strstr(fake_console, words) != NULL);
}

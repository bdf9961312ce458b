// SPDX-License-Identifier: BSD-3-Clause
/*
 * printf() formats integers, strings and plain floating-point numbers as
 * ISO C says.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>

#include "tap.h"

/* Formatting gives (want); the fact is named after it. */
__attribute__((format(printf, 2, 3))) static void gives(const char *want,
							const char *format, ...)
{
	char buf[512];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	ok(size == (int)strlen(want) && strcmp(buf, want) == 0, want);
}

static void integers(void)
{
	gives("0 -1 42", "%d %d %d", 0, -1, 42);
	gives("-2147483648 4294967295", "%d %u", INT_MIN, UINT_MAX);
	gives("-9223372036854775808", "%ld", LONG_MIN);
	gives("18446744073709551615", "%llu", ULLONG_MAX);
	gives("deadbeef DEADBEEF", "%x %X", 0xdeadbeef, 0xdeadbeef);
	gives("0x1f 0 037", "%#x %#x %#o", 0x1f, 0, 037);
	gives("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
	gives("[+42][ 42][  042]", "[%+d][% d][%5.3d]", 42, 42, 42);
	gives("[   7][7   ]", "[%*d][%*d]", 4, 7, -4, 7);
	gives("123 456 789", "%zu %jd %td", (size_t)123, (intmax_t)456,
	      (ptrdiff_t)789);
	gives("2 1 2", "%2$d %1$d %2$d", 1, 2);
}

static void floats(void)
{
	gives("1.500000 -0.250000", "%f %f", 1.5, -0.25);
	gives("100000 1e+06 0.0001 1e-05", "%g %g %g %g", 1e5, 1e6, 1e-4, 1e-5);
	gives("2.50 -0.125", "%.2Lf %.3Lf", 2.5L, -0.125L);
	gives("inf -inf INF", "%f %f %F", INFINITY, -INFINITY, INFINITY);
	gives("nan", "%f", (double)NAN);
	gives("-0.0", "%.1f", -0.0);
	gives("0x1p+0 0x1.8p+1 -0x1.999999999999ap-4", "%a %a %a", 1.0, 3.0,
	      -0.1);
	gives("[  1.50][1.50  ][001.50][+1.5]", "[%6.2f][%-6.2f][%06.2f][%+g]",
	      1.5, 1.5, 1.5, 1.5);
	gives("1. 1.00000", "%#.0f %#g", 1.0, 1.0);
}

static void strings(void)
{
	char buf[8];
	volatile size_t room = sizeof(buf);
	int count = 0;

	gives("[text][  text][text  ][te]", "[%s][%6s][%-6s][%.2s]", "text",
	      "text", "text", "text");
	gives("c % x", "%c %% %s", 'c', "x");
	gives("[tex]", "[%.*s]", 3, "text");
	ok(snprintf(buf, room, "%s", "longer than eight") == 17 &&
		   !strcmp(buf, "longer "),
	   "snprintf cuts and tells the size");
	ok(snprintf(NULL, 0, "%d", 12345) == 5, "without a buffer too");
	ok(snprintf(buf, room, "abc%n", &count) == 3 && count == 3, "%n");
	gives("[ 0x10]", "[%5p]", (void *)16);
}

static void to_the_heap(void)
{
	char *made = NULL;

	ok(asprintf(&made, "%0500d", 7) == 500 && made[499] == '7' &&
		   made[0] == '0',
	   "asprintf");
	free(made);
}

int main(void)
{
	integers();
	floats();
	strings();
	to_the_heap();
	return done();
}

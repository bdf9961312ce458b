// SPDX-License-Identifier: BSD-3-Clause
/*
 * Floating point to text and back is exact to the last digit and correctly
 * rounded. (musl computes this in long double, which valgrind cuts to
 * double: a musl program cannot pass under valgrind.)
 */
#define _GNU_SOURCE
#include <float.h>
#include <math.h>
#include <stdarg.h>

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

static void formatting(void)
{
	gives("0.1000000000000000055511151231257827", "%.34f", 0.1);
	gives("2 4 -2 0", "%.0f %.0f %.0f %.0f", 2.5, 3.5, -1.5, 0.5);
	gives("1.00 0.99", "%.2f %.2f", 0.999, 0.994);
	gives("0.12 0.38", "%.2f %.2f", 0.125, 0.375);
	gives("1.000000e+00 1.235e-07", "%e %.3e", 1.0, 1.23456e-7);
	gives("1.79769e+308 2.22507e-308", "%g %g", DBL_MAX, DBL_MIN);
	gives("4.9406564584124654e-324", "%.17g", 4.9406564584124654e-324);
	gives("0.30000000000000004", "%.17g", 0.1 + 0.2);
	gives("3.1415926535897931", "%.17g", 3.14159265358979323846);
	gives("17976931348623157081452742373170435679807056752584499659891747"
	      "68031572607800285387605895586327668781715404589535143824642343"
	      "21326889464182768467546703537516986049910576551282076245490090"
	      "38932894407586850845513394230458323690322294816580855933212334"
	      "8274797826204144723168738177180919299881250404026184124858368",
	      "%.0f", DBL_MAX);
}

static void parsing(void)
{
	ok(strtod("0.1", NULL) == 0.1, "0.1");
	ok(strtod("1e308", NULL) == 1e308, "1e308");
	ok(strtod("1.7976931348623157e308", NULL) == DBL_MAX, "the largest");
	ok(strtod("2.2250738585072014e-308", NULL) == DBL_MIN,
	   "the smallest normal one");
	ok(strtod("4.9406564584124654e-324", NULL) == DBL_TRUE_MIN,
	   "the smallest");
	ok(strtod("9007199254740993", NULL) == 9007199254740992.0,
	   "2^53 + 1 is rounded to even");
	ok(strtof("16777217", NULL) == 16777216.0f, "2^24 + 1 as float");
}

static void both_ways(void)
{
	char buf[64];
	double value = 1e-300;
	int same = 0;

	for (int i = 0; i < 1000; i++) {
		snprintf(buf, sizeof(buf), "%.17g", value);
		same += strtod(buf, NULL) == value;
		value *= 3.987654321;
	}
	ok(same == 1000 && isfinite(value), "1000 numbers there and back");
}

int main(void)
{
	formatting();
	parsing();
	both_ways();
	return done();
}

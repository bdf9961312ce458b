// SPDX-License-Identifier: BSD-3-Clause
/*
 * scanf() and the strto*() family read numbers and strings back, stop where
 * they should, and report what is out of range.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <math.h>

#include "files.h"
#include "tap.h"

static void integers(void)
{
	int a = 0, b = 0, c = 0;
	unsigned long big = 0;

	ok(sscanf("12 -7 0x1f", "%d %d %i", &a, &b, &c) == 3 && a == 12 &&
		   b == -7 && c == 31,
	   "integers");
	ok(sscanf("ff 17", "%x %o", (unsigned *)&a, (unsigned *)&b) == 2 &&
		   a == 255 && b == 15,
	   "bases");
	ok(sscanf("18446744073709551615", "%lu", &big) == 1 && big == ULONG_MAX,
	   "the largest");
	ok(sscanf("123456", "%3d%3d", &a, &b) == 2 && a == 123 && b == 456,
	   "widths");
	ok(sscanf("5 x", "%d %d", &a, &b) == 1 && a == 5, "stops at a letter");
	ok(sscanf("", "%d", &a) == EOF, "nothing to read");
	ok(sscanf("1,2", "%d,%d%n", &a, &b, &c) == 2 && c == 3, "%n");
	ok(sscanf("7 8", "%*d %d", &a) == 1 && a == 8, "a number left out");
}

static void strings(void)
{
	char a[16] = "", b[16] = "";
	char *made = NULL;

	ok(sscanf("  two words", "%s %s", a, b) == 2 && !strcmp(a, "two") &&
		   !strcmp(b, "words"),
	   "words");
	ok(sscanf("key=value", "%15[^=]=%15s", a, b) == 2 &&
		   !strcmp(a, "key") && !strcmp(b, "value"),
	   "a set of characters");
	ok(sscanf("abc", "%2c", a) == 1 && !memcmp(a, "ab", 2), "characters");
	ok(sscanf("100%", "%15[0-9]%%", a) == 1 && !strcmp(a, "100"),
	   "a percent sign");
	ok(sscanf("heap", "%ms", &made) == 1 && !strcmp(made, "heap"),
	   "a string on the heap");
	free(made);
}

static void floats(void)
{
	double a = 0, b = 0;
	float c = 0;

	ok(sscanf("1.5 -2e3 .25", "%lf %lf %f", &a, &b, &c) == 3 && a == 1.5 &&
		   b == -2000 && c == 0.25f,
	   "floating point");
	ok(strtod("0x1.8p1", NULL) == 3.0, "hexadecimal");
	ok(isinf(strtod("inf", NULL)) && isnan(strtod("nan", NULL)),
	   "inf and nan");
	errno = 0;
	ok(strtod("1e999", NULL) == HUGE_VAL && errno == ERANGE, "too large");
	errno = 0;
	ok(strtod("1e-999", NULL) == 0 && errno == ERANGE, "too small");
}

static void strto(void)
{
	const char *text = "  -42rest";
	char *end;

	ok(strtol(text, &end, 10) == -42 && !strcmp(end, "rest"), "strtol");
	ok(strtol("0x10", NULL, 0) == 16 && strtol("010", NULL, 0) == 8,
	   "base 0");
	ok(strtol("zz", NULL, 36) == 1295, "base 36");
	errno = 0;
	ok(strtol("9223372036854775808", NULL, 10) == LONG_MAX &&
		   errno == ERANGE,
	   "too large");
	errno = 0;
	ok(strtoul("-1", NULL, 10) == ULONG_MAX && errno == 0, "strtoul of -1");
	ok(strtol("none", &end, 10) == 0 && !strcmp(end, "none"),
	   "no number moves nothing");
	ok(atoi("77 bottles") == 77 && atof("2.5x") == 2.5, "atoi and atof");
}

static void from_a_file(void)
{
	int sum = 0, number, count = 0;
	FILE *file;

	put_text("numbers", "1 2\n3\t4\n\n5 end");
	file = fopen("numbers", "r");
	need(file);
	while (fscanf(file, "%d", &number) == 1) {
		sum += number;
		count++;
	}
	ok(count == 5 && sum == 15, "fscanf");
	ok(fgetc(file) == 'e', "leaves what does not fit");
	fclose(file);
}

int main(void)
{
	integers();
	strings();
	floats();
	strto();
	from_a_file();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The environment: setenv(), putenv(), unsetenv() and clearenv() change what
 * getenv() and environ show.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

static int has(const char *name, const char *value)
{
	const char *found = getenv(name);

	return found && strcmp(found, value) == 0;
}

static int listed(const char *entry)
{
	int found = 0;

	for (char **at = environ; at && *at; at++)
		found += strcmp(*at, entry) == 0;
	return found;
}

static void setting(void)
{
	ok(!getenv("EFT_TEST"), "not set at first");
	ok(setenv("EFT_TEST", "one", 0) == 0 && has("EFT_TEST", "one"),
	   "setenv");
	ok(listed("EFT_TEST=one") == 1, "environ lists it once");
	ok(setenv("EFT_TEST", "two", 0) == 0 && has("EFT_TEST", "one"),
	   "keeps a value");
	ok(setenv("EFT_TEST", "two", 1) == 0 && has("EFT_TEST", "two"),
	   "or replaces it");
	ok(listed("EFT_TEST=two") == 1 && listed("EFT_TEST=one") == 0,
	   "in environ too");
	ok(setenv("EFT_TEST", "", 1) == 0 && has("EFT_TEST", ""),
	   "an empty value is one");
	ok(!getenv("EFT_TES") && !getenv("EFT_TESTS"), "names match in full");
}

static void putting(void)
{
	static char entry[] = "EFT_PUT=value";

	ok(putenv(entry) == 0 && has("EFT_PUT", "value"), "putenv");
	entry[8] = 'V';
	ok(has("EFT_PUT", "Value"), "takes the string itself");
}

static void removing(void)
{
	ok(unsetenv("EFT_TEST") == 0 && !getenv("EFT_TEST"), "unsetenv");
	ok(unsetenv("EFT_TEST") == 0, "again is no error");
	ok(listed("EFT_TEST=") == 0, "environ lists it no more");
	fails(unsetenv("a=b"), EINVAL, "a name with =");
	fails(setenv("", "x", 1), EINVAL, "an empty name");
	fails(setenv("a=b", "x", 1), EINVAL, "setenv of a name with =");
}

static void many(void)
{
	char name[16];
	int found = 1;

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "EFT_%d", i);
		need(setenv(name, name, 1) == 0);
	}
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "EFT_%d", i);
		found &= has(name, name);
	}
	ok(found, "200 variables");
	ok(clearenv() == 0 && !getenv("EFT_7") && !getenv("EFT_PUT"),
	   "clearenv");
	ok(setenv("EFT_NEW", "x", 1) == 0 && has("EFT_NEW", "x"),
	   "and a new one");
	clearenv();
}

int main(void)
{
	setting();
	putting();
	removing();
	many();
	return done();
}

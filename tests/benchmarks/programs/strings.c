// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: strings "FUNCTION BYTES": say how many nanoseconds a call takes that
 * looks at so many bytes, wherever they begin, in a loop of some milliseconds.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LEAST_NS     20000000.0
#define FIRST_ROUNDS 1000

enum { BYTES_MAX = 4096, OFFSETS = 32 };

/* Each function of its kind through a pointer: no compiler knows it. */
static size_t (*volatile length)(const char *) = strlen;
static char *(*volatile find)(const char *, int) = strchr;
static void *(*volatile find_byte)(const void *, int, size_t) = memchr;
static int (*volatile compare)(const char *, const char *) = strcmp;
static int (*volatile compare_bytes)(const void *, const void *,
				     size_t) = memcmp;
static char *(*volatile find_string)(const char *, const char *) = strstr;
static void *(*volatile find_bytes)(const void *, size_t, const void *,
				    size_t) = memmem;

static _Alignas(64) char text[BYTES_MAX + OFFSETS + 64];
static _Alignas(64) char twin[BYTES_MAX + OFFSETS + 64];
static const char needle[] = "needle in it";
static volatile size_t sink;

static void call_strlen(const char *s, const char *t, size_t n)
{
	(void)t;
	(void)n;
	sink += length(s);
}

static void call_strchr(const char *s, const char *t, size_t n)
{
	(void)t;
	(void)n;
	sink += (size_t)find(s, '#');
}

static void call_memchr(const char *s, const char *t, size_t n)
{
	(void)t;
	sink += (size_t)find_byte(s, '#', n);
}

static void call_strcmp(const char *s, const char *t, size_t n)
{
	(void)n;
	sink += compare(s, t);
}

static void call_memcmp(const char *s, const char *t, size_t n)
{
	sink += compare_bytes(s, t, n);
}

static void call_strstr(const char *s, const char *t, size_t n)
{
	(void)t;
	(void)n;
	sink += (size_t)find_string(s, needle);
}

static void call_memmem(const char *s, const char *t, size_t n)
{
	(void)t;
	sink += (size_t)find_bytes(s, n, needle, sizeof(needle) - 1);
}

static const struct {
	const char *name;
	void (*call)(const char *s, const char *t, size_t n);
} functions[] = {
	{"strlen", call_strlen}, {"strchr", call_strchr},
	{"memchr", call_memchr}, {"strcmp", call_strcmp},
	{"memcmp", call_memcmp}, {"strstr", call_strstr},
	{"memmem", call_memmem},
};

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/* English has as many e's and n's: what begins like the needle and is not. */
static void fill(char *to, size_t n)
{
	static const char words[] = "he nods and needs no net when one ends ";

	for (size_t i = 0; i < n; i++)
		to[i] = words[i % (sizeof(words) - 1)];
	to[n] = 0;
}

/* Rounds are doubled until they take long enough to be timed. */
static double measure(void (*call)(const char *s, const char *t, size_t n),
		      size_t n)
{
	for (long count = FIRST_ROUNDS;; count *= 2) {
		double took = 0, start;

		for (int offset = 0; offset < OFFSETS; offset++) {
			char *s = text + offset,
			     *t = twin + offset * 7 % OFFSETS;

			fill(s, n);
			fill(t, n);
			start = now_ns();
			for (long i = 0; i < count / OFFSETS; i++)
				call(s, t, n);
			took += now_ns() - start;
		}
		if (took >= LEAST_NS)
			return took / (count / OFFSETS * OFFSETS);
	}
}

int main(int argc, char **argv)
{
	char name[16];
	unsigned n;

	if (argc != 2 || sscanf(argv[1], "%15s %u", name, &n) != 2 ||
	    n > BYTES_MAX)
		return EXIT_FAILURE;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (strcmp(name, functions[i].name) != 0)
			continue;
		printf("%.3f\n", measure(functions[i].call, n));
		return EXIT_SUCCESS;
	}
	return EXIT_FAILURE;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The C locale and the string functions: case, classes, order, searching
 * and cutting, at all lengths and alignments.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <locale.h>
#include <strings.h>

#include "files.h"
#include "tap.h"

static void locale(void)
{
	int upper = 0, printable = 0;

	ok(!strcmp(setlocale(LC_ALL, NULL), "C"), "a program starts in C");
	ok(setlocale(LC_ALL, "C") != NULL, "and can ask for it");
	ok(!strcmp(localeconv()->decimal_point, "."), "a decimal point");
	for (int c = 0; c < 128; c++) {
		upper += isupper(c) && tolower(c) == c + 32;
		printable += !!isprint(c);
	}
	ok(upper == 26 && printable == 95, "character classes");
	ok(strcoll("a", "B") > 0 && strcoll("a", "b") < 0, "order of bytes");
	ok(strcasecmp("HeLLo", "hEllO") == 0 && strncasecmp("ab", "AC", 1) == 0,
	   "letter case left out");
}

/* The functions agree with each other at each length and alignment. */
static void lengths(void)
{
	static char from[320], to[320];
	int fine = 1;

	for (size_t start = 0; start < 32; start++) {
		for (size_t size = 0; size < 200; size += 7) {
			memset(from, 'x', sizeof(from));
			memset(to, '-', sizeof(to));
			from[start + size] = 0;
			fine &= strlen(from + start) == size;
			fine &= memchr(from + start, 0, 300 - start) ==
				from + start + size;
			memcpy(to + 40 - start, from + start, size + 1);
			fine &= !strcmp(to + 40 - start, from + start);
			fine &= to[39 - start] == '-' &&
				to[41 - start + size] == '-';
			memset(to + start, 'y', size);
			fine &= all_bytes(to + start, 'y', size);
		}
	}
	ok(fine, "strlen, memchr, memcpy, strcmp, memset");
}

static void overlaps(void)
{
	char text[] = "0123456789";

	memmove(text + 2, text, 8);
	ok(!strcmp(text, "0101234567"), "memmove up");
	memmove(text, text + 2, 8);
	ok(!strcmp(text, "0123456767"), "memmove down");
}

static void searching(void)
{
	const char *text = "a needle in a haystack";

	ok(strstr(text, "needle") == text + 2 && !strstr(text, "pin"),
	   "strstr");
	ok(strstr(text, "") == text, "of nothing");
	ok(strchr(text, 'n') == text + 2 && strrchr(text, 'a') == text + 19,
	   "strchr and strrchr");
	ok(strspn("aabbc", "ab") == 4 && strcspn("aabbc", "cd") == 4,
	   "strspn and strcspn");
	ok(strpbrk(text, "xyz") == text + 16, "strpbrk");
	ok(memmem("a\0b\0c", 5, "\0c", 2) != NULL, "memmem");
	ok(strcasestr(text, "HAY") == text + 14, "strcasestr");
}

static void cutting(void)
{
	char text[] = "one,two,,three";
	char copy[8];
	char *rest = NULL;
	char *made = strndup("abcdef", 3);

	ok(!strcmp(strtok_r(text, ",", &rest), "one") &&
		   !strcmp(strtok_r(NULL, ",", &rest), "two") &&
		   !strcmp(strtok_r(NULL, ",", &rest), "three") &&
		   !strtok_r(NULL, ",", &rest),
	   "strtok_r");
	memset(copy, '-', 8);
	ok(strncpy(copy, "ab", 4) == copy && !memcmp(copy, "ab\0\0----", 8),
	   "strncpy fills with zeros");
	ok(made && !strcmp(made, "abc"), "strndup");
	free(made);
	ok(stpcpy(copy, "xyz") == copy + 3, "stpcpy");
	ok(strverscmp("file9", "file10") < 0, "strverscmp");
}

int main(void)
{
	locale();
	lengths();
	overlaps();
	searching();
	cutting();
	return done();
}

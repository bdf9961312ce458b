// SPDX-License-Identifier: BSD-3-Clause
/* Does what C does not define, once for each letter of its argument. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile int zero, one = 1, most = INT_MAX, least = INT_MIN;
static volatile long long_least = LONG_MIN;
static volatile unsigned char two = 2;
static volatile long out;
static int four[4];

__attribute__((returns_nonnull, noinline)) static char *returns(char *p)
{
	return p;
}

__attribute__((nonnull, noinline)) static void takes(char *p)
{
}

static void twice(void)
{
	for (int i = 0; i < 2; i++)
		out = most + 1;
}

static void load_bool(void)
{
	bool value;

	memcpy(&value, (void *)&two, 1);
	if (value)
		puts("true");
}

static void array_of(int n)
{
	char array[n];

	memset(array, 0, n > 0 ? n : 0);
}

static void act(char what)
{
	char *volatile null = NULL;
	int *volatile words = four;

	switch (what) {
	case '+':
		out = most + one;
		break;
	case '-':
		out = least - one;
		break;
	case '*':
		out = most * most;
		break;
	case 'n':
		out = -least;
		break;
	case 'N':
		out = -long_least;
		break;
	case '<':
		out = one << 40 * one;
		break;
	case '>':
		out = one >> -one;
		break;
	case 's':
		out = least << one;
		break;
	case 'S':
		out = most << 3 * one;
		break;
	case '[':
		out = four[4 * one];
		break;
	case ']':
		out = four[-one];
		break;
	case 'b':
		load_bool();
		break;
	case 'v':
		array_of(-one);
		break;
	case 'a':
		takes(null);
		break;
	case 'r':
		returns(null);
		break;
	case 'z':
		out = __builtin_clz(zero);
		break;
	case 'm':
		words = (int *)((char *)words + one);
		out = *words;
		break;
	case '2':
		twice();
		break;
	case '/':
		out = least / -one;
		break; /* and a signal */
	}
}

int main(int argc, char **argv)
{
	for (const char *what = argc > 1 ? argv[1] : ""; *what; what++)
		act(*what);
	puts("the end");
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/* Functions whose code is chosen when the program starts. */
#include <stdio.h>

static int before_main;

static int plain(void)
{
	return 1;
}

static int wide(void)
{
	return 2;
}

/* All x86-64 processors have SSE2. */
static int (*choose_wide(void))(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("sse2") ? wide : plain;
}

static int (*choose_plain(void))(void)
{
	return plain;
}

int first(void) __attribute__((ifunc("choose_wide")));
int second(void) __attribute__((ifunc("choose_plain")));

__attribute__((target_clones("avx2", "default"))) int sum(const int *numbers,
							  int count)
{
	int all = 0;

	for (int i = 0; i < count; i++)
		all += numbers[i];
	return all;
}

static int (*volatile in_data)(void) = first;

__attribute__((constructor)) static void ask_early(void)
{
	before_main = first();
}

int main(void)
{
	int (*volatile on_stack)(void) = second;
	int numbers[100];

	for (int i = 0; i < 100; i++)
		numbers[i] = i * i;
	printf("called: %d %d\n", first(), second());
	printf("by address: %d %d, %s\n", in_data(), on_stack(),
	       in_data == first ? "one address" : "two addresses");
	printf("before main: %d\n", before_main);
	printf("a clone's sum: %d\n", sum(numbers, 100));
	return 0;
}

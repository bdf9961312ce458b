// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: overwrites the frame of its own function.
 * Expected: killed by SIGABRT, from the stack protector.
 */
#ifdef __clang__ /* its array is guarded anyway */
#define GUARDED __attribute__((noinline))
#else
#define GUARDED __attribute__((noinline, optimize("stack-protector-all")))
#endif

GUARDED static int fill(int bytes)
{
	char small[8];
	volatile char *at = small;

	for (int i = 0; i < bytes; i++)
		at[i] = 7;
	return small[0];
}

int main(int argc, char **argv)
{
	(void)argv;
	return fill(64 + argc) == 7;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: reads through a null pointer with a frame pointer that is none,
 * as in programs built without.
 * Expected: killed by SIGSEGV at address 0.
 */
int main(void)
{
	__asm__ volatile("mov $0x12345678, %rbp\n\t"
			 "mov 0, %eax");
	return 0;
}

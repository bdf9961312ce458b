// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ends badly: reads a member of a structure at a null pointer, with a frame
 * pointer that is none, as in programs built without.
 * Expected: killed by SIGSEGV at address 64.
 */
int main(void)
{
	__asm__ volatile("mov $0x12345678, %rbp\n\t"
			 "mov 64, %eax");
	return 0;
}

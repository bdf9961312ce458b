// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the allocator calls where the release has a_crash(): what it knows of
 * its blocks contradicts itself. The end is a fault of the program's own, as in
 * the release, which it may handle.
 */
void eft_heap_say_corrupt(void);

_Noreturn void eft_heap_corrupt(void)
{
	eft_heap_say_corrupt();
	__builtin_trap();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls on files, directories, descriptors and pipes (linux_calls.c), against
 * Linux. The libOS has its files in memory.
 */
#include "fuzz/sides.h"

void fuzz_boot(void)
{
	sides_boot();
}

void fuzz_one(void)
{
	sides_run();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The C library's allocator has found its heap overwritten
 * (posix/musl/overlay/src/eft/heap_corrupt.c).
 */
#include "core/log.h"
#include "core/options.h"

void eft_heap_say_corrupt(void);

void eft_heap_say_corrupt(void)
{
	eft_console_printf("eft: the heap of %s is corrupt: eft valgrind "
			   "finds what has written there\n",
			   eft_program_name());
}

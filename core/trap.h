// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Reports of faults, and the stack protector's.
 */
#include "core/plat.h"

/* Print the function at (pc), the frame (number) of its stack. */
void eft_print_frame(unsigned number, uintptr_t pc);

/* Print the frames from (pc) on, following the frame pointers at (frame). */
void eft_backtrace(const void *pc, const void *frame);

/* What __stack_chk_fail() calls: a function's stack was overwritten. */
eft_noreturn void eft_stack_smashed(void);

/* The value that the stack protector compares with (GCC's name). */
extern uintptr_t __stack_chk_guard;

// SPDX-License-Identifier: BSD-3-Clause
#include "eft_clone.h"
#include "pthread_impl.h"

/* A detached thread's end: its stack goes when it is off it. */
void __unmapself(void *start, size_t len)
{
	EFT_NAME_HANDLER(eft_exit_unmapping);
	eft_call_exit_unmapping(start, len);
	__builtin_unreachable();
}

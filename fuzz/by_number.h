// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * syscall(2) as eft_syscall_by_number() makes it, on the caller's own stack.
 */
#include "posix/settled.h"

static inline long fuzz_by_number(long n, long a, long b, long c, long d,
				  long e, long f)
{
	eft_handler *handler;

	if ((unsigned long)n >= eft_syscall_count || eft_syscalls[n] == NULL)
		return eft_syscall_unknown(n);
	handler = (eft_handler *)eft_syscalls[n];
	eft_call_settle(0);
	return eft_settled(by_number, handler(a, b, c, d, e, f));
}

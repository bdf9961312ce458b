// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * System calls that are not a plain call of their handler: the number is known
 * at run time only, or something is up (eft_cpu.attention).
 */
#include "core/base.h"

typedef long eft_handler(long a, long b, long c, long d, long e, long f);

/* By number; an eft_handler, or NULL: not implemented. */
extern void *const eft_syscalls[];
extern const unsigned eft_syscall_count;

/* What musl calls: see posix/musl/overlay. */
long eft_syscall_by_number(long n, long a, long b, long c, long d, long e,
			   long f);
long eft_syscall_unknown(long n);

/*
 * The call where eft_cpu.attention is not 0: signals come first, and who traces
 * is told. Called with the registers of eft_slow_NAME (slow_enter.S).
 */
long eft_syscall_slow(void *handler, unsigned number, const long args[6]);

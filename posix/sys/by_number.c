// SPDX-License-Identifier: BSD-3-Clause
/*
 * System calls whose number is known at run time only: syscall(2). It names
 * the whole table, so that only a program that calls it carries that.
 */
#include "core/arch/x86_64/cpu.h"
#include "posix/futex/futex.h"
#include "posix/sys/slow.h"

/* Has the linker take in all of futex(2), whose operations are not known. */
extern __typeof__(eft_futex_requeue) *const eft_futex_parts[];
__typeof__(eft_futex_requeue) *const eft_futex_parts[] = {
	eft_futex_requeue,
	eft_futex_pi,
};

long eft_syscall_by_number(long n, long a, long b, long c, long d, long e,
			   long f)
{
	const long args[] = {a, b, c, d, e, f};

	if ((unsigned long)n >= eft_syscall_count || eft_syscalls[n] == NULL)
		return eft_syscall_unknown(n);
	if (eft_unlikely(eft_cpu()->attention != 0))
		return eft_syscall_slow(eft_syscalls[n], n, args);
	return ((eft_handler *)eft_syscalls[n])(a, b, c, d, e, f);
}

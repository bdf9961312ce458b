// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Tables made from syscalls.def, and trace=syscall.
 */
#include "core/base.h"

/*
 * A call's name and how its arguments are printed, a letter each: d int,
 * l long, u unsigned, p address, s string.
 */
struct eft_description {
	const char *name, *format;
};

typedef long eft_handler(long a, long b, long c, long d, long e, long f);

struct eft_syscall {
	void *handler; /* an eft_handler; NULL: not implemented */
	const struct eft_description *description;
};

extern const struct eft_syscall eft_syscalls[];
extern const unsigned eft_syscall_count;

/* What musl calls: see posix/musl/overlay. */
long eft_syscall_by_number(long n, long a, long b, long c, long d, long e,
			   long f);
long eft_syscall_unknown(long n);

/* The call where eft_cpu.attention is not 0: signals come first. */
long eft_syscall_slow(const struct eft_description *description, void *handler,
		      long a, long b, long c, long d, long e, long f);
long eft_syscall_traced(const struct eft_description *description,
			void *handler, long a, long b, long c, long d, long e,
			long f);

// SPDX-License-Identifier: BSD-3-Clause
#include "core/options.h"
#include "posix/restart.h"
#include "posix/trace.h"

long eft_syscall_slow(const struct eft_description *description, void *handler,
		      long a, long b, long c, long d, long e, long f)
{
	if (eft_signals_deliver != NULL)
		eft_signals_deliver();
	if (eft_tracing)
		return eft_syscall_traced(description, handler, a, b, c, d, e,
					  f);
	return ((eft_handler *)handler)(a, b, c, d, e, f);
}

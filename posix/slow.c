// SPDX-License-Identifier: BSD-3-Clause
#include "core/lockcheck.h"
#include "core/options.h"
#include "posix/restart.h"
#include "posix/trace.h"

long eft_syscall_slow(const struct eft_description *description, void *handler,
		      long a, long b, long c, long d, long e, long f)
{
	long result;

	if (eft_signals_deliver != NULL)
		eft_signals_deliver();
	if (eft_tracing)
		result = eft_syscall_traced(description, handler, a, b, c, d, e,
					    f);
	else
		result = ((eft_handler *)handler)(a, b, c, d, e, f);
	eft_lockcheck_returns();
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "posix/sys/slow.h"
#include "core/check/lock.h"
#include "core/trace.h"
#include "posix/signal/restart.h"

long eft_syscall_slow(void *handler, unsigned number, const long args[6])
{
	const struct eft_tracer *tracer = eft_tracer;
	uint64_t entered_ns = 0;
	long result;

	if (eft_signals_deliver != NULL)
		eft_signals_deliver();
	if (tracer != NULL)
		entered_ns = tracer->enter(number, args);
	result = ((eft_handler *)handler)(args[0], args[1], args[2], args[3],
					  args[4], args[5]);
	if (tracer != NULL)
		tracer->leave(number, args, entered_ns, result);
	eft_lockcheck_returns();
	eft_signals_leave_call();
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/abi.h"
#include "core/log.h"
#include "core/trace.h"
#include "posix/sys/enter.h"

enum { NUMBERS = 512 };

/* Says so once a number: programs probe in loops. */
long eft_syscall_unknown(long n)
{
	static uint8_t said[NUMBERS / 8];
	static const long none[6];
	unsigned long number = n;
	uint8_t bit = 1u << number % 8;

	eft_lock_touch_stack();
	if (number >= NUMBERS || !(said[number / 8] & bit))
		eft_log(EFT_LOG_WARN, "system call %ld is not implemented", n);
	if (number < NUMBERS)
		said[number / 8] |= bit;
	if (eft_unlikely(eft_tracer != NULL))
		eft_tracer->leave(number, none, eft_tracer->enter(number, none),
				  -ENOSYS);
	return -ENOSYS;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The clocks as programs have them: in images that ask for the time.
 */
#include "core/abi.h"
#include "core/plat.h"
#include "core/thread.h"
#include "core/time.h"

eft_needs(eft_plat_guest_find_clock);

static int compute_time(int clock, struct eft_timespec *ret_time)
{
	uint64_t ns =
		clock == CLOCK_REALTIME ? eft_realtime_ns() : eft_now_ns();

	ret_time->sec = ns / 1000000000;
	ret_time->nsec = ns % 1000000000;
	return 0;
}

static eft_clock_fn find_and_read;
eft_clock_fn *eft_clock_time[2] = {find_and_read, find_and_read};

/* Unless the clock is set meanwhile. */
static int find_and_read(int clock, struct eft_timespec *ret_time)
{
	eft_clock_fn *before = find_and_read, *found = NULL;

	if (eft_plat->find_clock != NULL)
		found = eft_plat->find_clock(clock);
	if (found == NULL)
		found = compute_time;
	__atomic_compare_exchange_n(&eft_clock_time[clock], &before, found,
				    false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
	return eft_clock_time[clock](clock, ret_time);
}

void eft_realtime_set(uint64_t ns)
{
	__atomic_store_n(&eft_realtime_offset, ns - eft_plat->realtime_ns(),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&eft_clock_time[CLOCK_REALTIME], compute_time,
			 __ATOMIC_RELEASE);
	eft_waitq_wake(&eft_realtime_changes, EFT_WAKE_ALL);
}

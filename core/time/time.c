// SPDX-License-Identifier: BSD-3-Clause
#include "core/time.h"
#include "core/abi.h"
#include "core/plat.h"
#include "core/thread.h"

/* What settimeofday() added to the platform's wall clock, modulo 2^64. */
static uint64_t realtime_offset;

struct eft_waitq eft_realtime_changes = {
	.lock = EFT_LOCK_INIT(EFT_RANK_CLOCK_SET),
	.waiters = {&eft_realtime_changes.waiters,
		    &eft_realtime_changes.waiters},
};

uint64_t eft_now_ns(void)
{
	return eft_plat->monotonic_ns();
}

uint64_t eft_realtime_ns(void)
{
	return eft_plat->realtime_ns() +
	       __atomic_load_n(&realtime_offset, __ATOMIC_RELAXED);
}

static long compute_time(int clock, struct eft_timespec *ret_time)
{
	uint64_t ns =
		clock == CLOCK_REALTIME ? eft_realtime_ns() : eft_now_ns();

	ret_time->sec = ns / 1000000000;
	ret_time->nsec = ns % 1000000000;
	return 0;
}

static eft_clock_fn find_and_read;
eft_clock_fn *eft_clock_time = find_and_read;

/* Unless the clock is set meanwhile. */
static long find_and_read(int clock, struct eft_timespec *ret_time)
{
	eft_clock_fn *before = find_and_read, *found = compute_time;

	if (eft_plat->find_clock != NULL)
		found = eft_plat->find_clock();
	__atomic_compare_exchange_n(&eft_clock_time, &before, found, false,
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	return eft_clock_time(clock, ret_time);
}

void eft_realtime_set(uint64_t ns)
{
	__atomic_store_n(&realtime_offset, ns - eft_plat->realtime_ns(),
			 __ATOMIC_RELAXED);
	__atomic_store_n(&eft_clock_time, compute_time, __ATOMIC_RELEASE);
	eft_waitq_wake(&eft_realtime_changes, EFT_WAKE_ALL);
}

/* What (cpu) has spent at rest up to (now). */
static uint64_t rested_ns(const struct eft_cpu *cpu, uint64_t now)
{
	uint64_t since = cpu->rests_since_ns;

	return cpu->rested_ns + (since != 0 ? now - since : 0);
}

uint64_t eft_cpu_time_ns(void)
{
	uint64_t now = eft_now_ns(), ns = 0;

	if (eft_plat->cpu_time_ns != NULL)
		return eft_plat->cpu_time_ns();
	for (unsigned i = 0; i < eft_cpus_running(); i++)
		ns += now - rested_ns(eft_cpus[i], now);
	return ns;
}

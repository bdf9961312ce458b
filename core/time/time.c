// SPDX-License-Identifier: BSD-3-Clause
#include "core/time.h"
#include "core/plat.h"

/* What settimeofday() added to the platform's wall clock, modulo 2^64. */
static uint64_t realtime_offset;

uint64_t eft_now_ns(void)
{
	return eft_plat->monotonic_ns();
}

uint64_t eft_realtime_ns(void)
{
	return eft_plat->realtime_ns() +
	       __atomic_load_n(&realtime_offset, __ATOMIC_RELAXED);
}

void eft_realtime_set(uint64_t ns)
{
	__atomic_store_n(&realtime_offset, ns - eft_plat->realtime_ns(),
			 __ATOMIC_RELAXED);
}

static uint64_t idle_ns;

void eft_time_idle(uint64_t ns)
{
	__atomic_fetch_add(&idle_ns, ns, __ATOMIC_RELAXED);
}

uint64_t eft_cpu_time_ns(void)
{
	if (eft_plat->cpu_time_ns != NULL)
		return eft_plat->cpu_time_ns();
	return eft_now_ns() - __atomic_load_n(&idle_ns, __ATOMIC_RELAXED);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/time.h"
#include "core/plat.h"
#include "core/thread.h"

uint64_t eft_now_ns(void)
{
	return eft_plat->monotonic_ns();
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

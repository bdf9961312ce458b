// SPDX-License-Identifier: BSD-3-Clause
#include "core/thread/scheduler.h"

/* An idle CPU runs no thread, and takes locks before it does. */
static bool has_met(struct eft_cpu *cpu, uint32_t kicks_before)
{
	return cpu == eft_cpu() || cpu->thread == cpu->idle ||
	       __atomic_load_n(&cpu->kicks, __ATOMIC_SEQ_CST) != kicks_before;
}

/* The caller may have come to that very CPU meanwhile. */
static void kick(struct eft_cpu *cpu)
{
	eft_irq_off();
	if (cpu != eft_cpu())
		eft_cpu_kick(cpu);
	eft_irq_on();
}

void eft_cpus_barrier(void)
{
	unsigned count = eft_cpus_running();

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < count; i++) {
		struct eft_cpu *cpu = eft_cpus[i];
		uint32_t kicks = __atomic_load_n(&cpu->kicks, __ATOMIC_SEQ_CST);

		if (has_met(cpu, kicks))
			continue;
		kick(cpu);
		for (unsigned turn = 0; !has_met(cpu, kicks); turn++) {
			eft_spin(turn);
			eft_yield();
		}
	}
}

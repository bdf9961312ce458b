// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks that differ from CPU to CPU: in programs that have several.
 */
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/x86/clock.h"
#include "plat-kvm/x86/smp.h"

uint64_t eft_kvm_newest(uint64_t ns)
{
	static uint64_t last;
	uint64_t old = __atomic_load_n(&last, __ATOMIC_RELAXED);

	while (old < ns)
		if (__atomic_compare_exchange_n(&last, &old, ns, true,
						__ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return ns;
	return old;
}

void eft_kvm_distrust_clocks(void)
{
	while (!eft_kvm_line_begin())
		eft_cpu_relax();
	eft_kvm_published.differ = true;
	eft_kvm_published.limit = 0;
	eft_kvm_line_end();
}

/* As KVM has it for each: see hyper/pvclock.c. */
static uint64_t read_clock(volatile struct eft_kvm_time_info *info)
{
	uint32_t version;
	uint64_t tsc, ns;

	do {
		int shift = info->shift;

		version = info->version & ~1u;
		tsc = rdtsc();
		tsc -= eft_min(info->tsc, tsc);
		tsc = shift < 0 ? tsc >> (-shift & 63) : tsc << (shift & 63);
		ns = info->ns +
		     ((unsigned __int128)tsc * info->ns_per_tsc >> 32);
	} while (version != info->version);
	return ns;
}

uint64_t eft_kvm_own_clock_ns(void)
{
	uint64_t ns;

	if (!eft_kvm_published.differ)
		eft_kvm_distrust_clocks();
	eft_irq_off();
	ns = read_clock(&eft_kvm_this_cpu()->clock);
	eft_irq_on();
	return eft_kvm_newest(ns);
}

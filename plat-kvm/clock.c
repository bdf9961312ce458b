// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks: KVM's own where it offers one (pvclock.c), else the TSC, at a rate
 * that is measured if nobody tells it (tsc.c).
 *
 * Invariant: monotonic_ns never goes back, not even when the rate of the TSC
 * becomes better known, nor from one CPU to the next.
 */
#include "core/lock.h"
#include "plat-kvm/asm.h"
#include "plat-kvm/kvm.h"

#define NS_PER_S 1000000000ull

bool eft_kvm_clocks_differ;
static bool paravirtual;

void eft_kvm_clock_start(void)
{
	paravirtual = eft_kvm_pvclock_init();
	if (!paravirtual)
		eft_kvm_tsc_start();
}

void eft_kvm_clock_join(struct eft_kvm_cpu *cpu)
{
	if (paravirtual)
		eft_kvm_pvclock_join(cpu);
}

/* The newest time that any CPU saw, where their clocks may differ. */
static uint64_t newest(uint64_t ns)
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

uint64_t eft_kvm_monotonic_ns(void)
{
	uint64_t ns = paravirtual ? eft_kvm_pvclock_ns() : eft_kvm_tsc_ns();

	return eft_unlikely(eft_kvm_clocks_differ) ? newest(ns) : ns;
}

/* What monotonic_ns's zero was in real time; asked once. */
static uint64_t find_boot_ns(void)
{
	uint64_t seconds;

	if (paravirtual)
		return eft_kvm_pvclock_boot_ns();
	seconds = eft_kvm_rtc_seconds();
	if (seconds == 0)
		return 0;
	return seconds * NS_PER_S - eft_kvm_monotonic_ns();
}

/* Two CPUs that ask at once would be in each other's way at the RTC. */
uint64_t eft_kvm_realtime_ns(void)
{
	static struct eft_lock lock = EFT_LOCK_INIT(EFT_RANK_CLOCK);
	static uint64_t boot_ns;
	static bool asked;

	if (!__atomic_load_n(&asked, __ATOMIC_ACQUIRE)) {
		eft_lock(&lock);
		if (!asked)
			boot_ns = find_boot_ns();
		__atomic_store_n(&asked, true, __ATOMIC_RELEASE);
		eft_unlock(&lock);
	}
	return boot_ns ? boot_ns + eft_kvm_monotonic_ns() : 0;
}

uint64_t eft_kvm_tsc_at(uint64_t deadline_ns)
{
	uint64_t now = eft_kvm_monotonic_ns(), tsc = rdtsc();
	uint64_t hz = paravirtual ? eft_kvm_pvclock_hz() : eft_kvm_tsc_hz();
	/* A day at most: the sum cannot wrap, and who waits asks again. */
	uint64_t ns = eft_min(deadline_ns - eft_min(now, deadline_ns),
			      86400 * NS_PER_S);

	return tsc + ns / NS_PER_S * hz + ns % NS_PER_S * hz / NS_PER_S;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The wall clock, in images that ask for it.
 */
#include "core/lock.h"
#include "plat-kvm/x86/clock.h"

/* By the RTC: again, if the host paused us between the two readings. */
static uint64_t rtc_boot_ns(void)
{
	enum { TRIES = 3, PAUSE_NS = 100000000 };
	uint64_t before = eft_kvm_monotonic_ns(), seconds, now;

	for (int i = 0; i < TRIES; i++) {
		seconds = eft_kvm_rtc_seconds();
		if (seconds == 0)
			return 0;
		now = eft_kvm_monotonic_ns();
		if (now - before < PAUSE_NS)
			break;
		before = now;
	}
	return seconds * EFT_KVM_NS_PER_S - now;
}

/*
 * What monotonic_ns's zero was in real time, or 0; asked once. Two CPUs that
 * ask at once would be in each other's way at the RTC.
 */
uint64_t eft_kvm_boot_ns(void)
{
	static struct eft_lock lock = EFT_LOCK_INIT(EFT_RANK_CLOCK);
	static uint64_t found_ns;
	static bool asked;

	if (!__atomic_load_n(&asked, __ATOMIC_ACQUIRE)) {
		eft_lock(&lock);
		if (!asked)
			found_ns = eft_kvm_clock_paravirtual
					   ? eft_kvm_pvclock_boot_ns()
					   : rtc_boot_ns();
		__atomic_store_n(&asked, true, __ATOMIC_RELEASE);
		eft_unlock(&lock);
	}
	return found_ns;
}

uint64_t eft_plat_guest_realtime_ns(void)
{
	uint64_t boot = eft_kvm_boot_ns();

	return boot ? boot + eft_kvm_monotonic_ns() : 0;
}

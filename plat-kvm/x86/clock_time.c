// SPDX-License-Identifier: BSD-3-Clause
/*
 * The clocks in seconds and nanoseconds, for programs that ask for them.
 */
#include "core/abi.h"
#include "plat-kvm/x86/clock.h"

static struct eft_timespec wall_at_boot;

static __attribute__((noinline)) int split(uint64_t ns,
					   struct eft_timespec *ret_time)
{
	ret_time->sec = ns / EFT_KVM_NS_PER_S;
	ret_time->nsec = ns % EFT_KVM_NS_PER_S;
	return 0;
}

/* Apart from the quick ones, which are spared their frames. */
static __attribute__((noinline)) int
read_monotonic_slowly(struct eft_timespec *ret_time)
{
	return split(eft_kvm_look_again(), ret_time);
}

static __attribute__((noinline)) int
read_realtime_slowly(struct eft_timespec *ret_time)
{
	return split(eft_plat_guest_realtime_ns(), ret_time);
}

static int read_monotonic(int clock, struct eft_timespec *ret_time)
{
	unsigned __int128 time;

	if (!eft_kvm_look(true, &time))
		return read_monotonic_slowly(ret_time);
	ret_time->sec = time >> 64;
	ret_time->nsec = eft_kvm_part_ns(time);
	return 0;
}

static int read_realtime(int clock, struct eft_timespec *ret_time)
{
	unsigned __int128 time;
	uint64_t ns;

	if (!eft_kvm_look(true, &time))
		return read_realtime_slowly(ret_time);
	ns = eft_kvm_part_ns(time) + wall_at_boot.nsec;
	ret_time->sec =
		(time >> 64) + wall_at_boot.sec + (ns >= EFT_KVM_NS_PER_S);
	ret_time->nsec = ns >= EFT_KVM_NS_PER_S ? ns - EFT_KVM_NS_PER_S : ns;
	return 0;
}

eft_clock_fn *eft_plat_guest_find_clock(int clock)
{
	if (clock == CLOCK_MONOTONIC)
		return read_monotonic;
	split(eft_kvm_boot_ns(), &wall_at_boot);
	return wall_at_boot.sec != 0 ? read_realtime : NULL;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * From KVM's numbers to a line: no hardware here. KVM's are nanoseconds for
 * 2^-32 of a tick that was shifted left. The rate is rounded down and the time
 * where the line begins up: a newer line is never behind what an older one
 * said.
 */
#include "plat-kvm/x86/clock.h"

/* 2^64 / 10^9, rounded up: a part in 60 of a nanosecond for all of a second. */
#define SECONDS_PER_NS 18446744074ull

static uint64_t seconds_per_tick(uint32_t ns_per_tsc, int shift)
{
	uint64_t seconds = ((uint64_t)ns_per_tsc << 32) / EFT_KVM_NS_PER_S;

	return shift < 0 ? seconds >> (-shift & 63) : seconds << (shift & 63);
}

void eft_kvm_line_by_host(volatile const struct eft_kvm_time_info *info,
			  struct eft_kvm_line *ret)
{
	uint64_t ns = info->ns;

	ret->tsc = info->tsc;
	ret->per_tick = seconds_per_tick(info->ns_per_tsc, info->shift);
	ret->time = (unsigned __int128)(ns / EFT_KVM_NS_PER_S) << 64 |
		    ns % EFT_KVM_NS_PER_S * SECONDS_PER_NS;
}

uint64_t eft_kvm_hz_by_host(volatile const struct eft_kvm_time_info *info)
{
	uint64_t hz = (EFT_KVM_NS_PER_S << 32) / eft_max(info->ns_per_tsc, 1);
	int shift = info->shift;

	return shift < 0 ? hz << (-shift & 63) : hz >> (shift & 63);
}

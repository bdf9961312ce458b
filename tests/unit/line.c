// SPDX-License-Identifier: BSD-3-Clause
/*
 * The guest's clock by KVM's numbers, against the formula that belongs to them
 * (Linux Documentation/virt/kvm/x86/msr.rst, MSR_KVM_SYSTEM_TIME_NEW).
 */
#include "plat-kvm/x86/clock.h"
#include "tests/unit/unit.h"

static uint64_t by_formula(const struct eft_kvm_time_info *info, uint64_t ticks)
{
	unsigned __int128 shifted = ticks;

	shifted = info->shift < 0 ? shifted >> -info->shift
				  : shifted << info->shift;
	return info->ns + (uint64_t)(shifted * info->ns_per_tsc >> 32);
}

static uint64_t by_line(const struct eft_kvm_time_info *info, uint64_t ticks)
{
	struct eft_kvm_line line;

	eft_kvm_line_by_host(info, &line);
	check_eq(line.tsc, info->tsc);
	return eft_kvm_whole_ns(line.time +
				(unsigned __int128)ticks * line.per_tick);
}

/* The same at the moment that KVM names, and somewhat behind it later. */
static void compare(const struct eft_kvm_time_info *info)
{
	for (uint64_t ticks = 0; ticks < 1ull << 42; ticks = ticks * 3 + 1) {
		uint64_t wanted = by_formula(info, ticks);
		uint64_t found = by_line(info, ticks);
		uint64_t elapsed = wanted - info->ns;

		check(found <= wanted + (ticks > 0));
		check(found + 2 + elapsed / 1000000000 >= wanted);
	}
}

static void check_rate(uint32_t ns_per_tsc, int8_t shift, uint64_t hz)
{
	uint64_t found = eft_kvm_hz_by_host(&(struct eft_kvm_time_info){
		.ns_per_tsc = ns_per_tsc, .shift = shift});

	check(found >= hz && found <= hz + 2);
}

Test(line, known_rates)
{
	check_rate(1u << 31, 1, 1000000000);
	check_rate(1u << 31, 0, 2000000000);
	check_rate(2863311530u, -1, 3000000000);
	check_rate(1u << 31, 3, 250000000);

	/* 1 GHz, 2 GHz, 3 GHz, 250 MHz. */
	compare(&(struct eft_kvm_time_info){
		.ns_per_tsc = 1u << 31, .shift = 1, .tsc = 77, .ns = 12345});
	compare(&(struct eft_kvm_time_info){.ns_per_tsc = 1u << 31});
	compare(&(struct eft_kvm_time_info){.ns_per_tsc = 2863311530u,
					    .shift = -1});
	compare(&(struct eft_kvm_time_info){.ns_per_tsc = 1u << 31,
					    .shift = 3});
}

Test(line, random_rates)
{
	for (unsigned i = 0; i < 5000; i++) {
		struct eft_kvm_time_info info = {
			.ns_per_tsc = 0x80000000u + unit_random(0x80000000u),
			.shift = (int8_t)(unit_random(6) - 2),
			.tsc = unit_random(1ull << 50),
			.ns = unit_random(1ull << 55),
		};

		compare(&info);
	}
}

/* Where a line begins, no nanosecond is lost. */
Test(line, seconds)
{
	struct eft_kvm_time_info info = {.ns_per_tsc = 1u << 31, .shift = 1};

	for (uint64_t s = 1; s < 1ull << 33; s = s * 2 + 1) {
		info.ns = s * 1000000000;
		check_eq(by_line(&info, 0), info.ns);
		info.ns--;
		check_eq(by_line(&info, 0), info.ns);
	}
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * KVM's paravirtual clock (Linux Documentation/virt/kvm/x86/msr.rst and
 * cpuid.rst): a page of ours, in which the host says how to turn the TSC into
 * time. (version) is odd while the host writes; a reader that saw it change
 * reads again.
 */
#include "plat-kvm/asm.h"
#include "plat-kvm/kvm.h"

#define LEAF_SIGNATURE	     0x40000000
#define LEAF_FEATURES	     0x40000001
#define FEATURE_CLOCKSOURCE2 (1u << 3)
#define MSR_WALL_CLOCK	     0x4b564d00
#define MSR_SYSTEM_TIME	     0x4b564d01
#define SYSTEM_TIME_ENABLE   1
#define TSC_STABLE	     (1u << 0) /* the same on every CPU, never goes back */

#define NS_PER_S 1000000000ull

struct time_info {
	uint32_t version, pad0;
	uint64_t tsc, ns;
	uint32_t ns_per_tsc; /* 0.32, after the shift */
	int8_t shift;
	uint8_t flags, pad[2];
};

struct wall_clock {
	uint32_t version, seconds, nanoseconds;
};

_Static_assert(sizeof(struct time_info) == 32, "msr.rst");

/* In the image, so the address is physical; aligned within a page. */
static volatile struct time_info info __attribute__((aligned(32)));

bool eft_kvm_pvclock_init(void)
{
	struct cpuid id;

	if (!eft_kvm_features.hypervisor)
		return false;
	id = cpuid(LEAF_SIGNATURE, 0); /* "KVMKVMKVM\0\0\0" */
	if (id.ebx != 0x4b4d564b || id.ecx != 0x564b4d56 || id.edx != 0x4d)
		return false;
	if (!(cpuid(LEAF_FEATURES, 0).eax & FEATURE_CLOCKSOURCE2))
		return false;
	wrmsr(MSR_SYSTEM_TIME, (uintptr_t)&info | SYSTEM_TIME_ENABLE);
	return info.ns_per_tsc != 0;
}

static uint64_t scale(uint64_t tsc)
{
	int shift = info.shift;

	tsc = shift < 0 ? tsc >> (-shift & 63) : tsc << (shift & 63);
	return (unsigned __int128)tsc * info.ns_per_tsc >> 32;
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

uint64_t eft_kvm_pvclock_ns(void)
{
	uint32_t version;
	uint64_t tsc, ns;

	do {
		version = info.version & ~1u;
		tsc = rdtsc();
		ns = info.ns + scale(tsc > info.tsc ? tsc - info.tsc : 0);
	} while (version != info.version);
	return info.flags & TSC_STABLE ? ns : newest(ns);
}

uint64_t eft_kvm_pvclock_hz(void)
{
	uint64_t hz = (NS_PER_S << 32) / eft_max(info.ns_per_tsc, 1);
	int shift = info.shift;

	return shift < 0 ? hz << (-shift & 63) : hz >> (shift & 63);
}

uint64_t eft_kvm_pvclock_boot_ns(void)
{
	static volatile struct wall_clock wall __attribute__((aligned(16)));
	uint32_t version;
	uint64_t ns;

	wrmsr(MSR_WALL_CLOCK, (uintptr_t)&wall);
	do {
		version = wall.version & ~1u;
		ns = wall.seconds * NS_PER_S + wall.nanoseconds;
	} while (version != wall.version);
	return ns;
}

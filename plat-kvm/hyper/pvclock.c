// SPDX-License-Identifier: BSD-3-Clause
/*
 * KVM's paravirtual clock (Linux Documentation/virt/kvm/x86/msr.rst and
 * cpuid.rst): a page of ours, in which the host says how to turn the TSC into
 * time. (version) is odd while the host writes; a reader that saw it change
 * reads again.
 */
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/x86/asm.h"
#include "plat-kvm/x86/clock.h"
#include "plat-kvm/x86/pte.h"

#define LEAF_SIGNATURE	     0x40000000
#define LEAF_FEATURES	     0x40000001
#define FEATURE_CLOCKSOURCE2 (1u << 3)
#define MSR_WALL_CLOCK	     0x4b564d00
#define MSR_SYSTEM_TIME	     0x4b564d01
#define SYSTEM_TIME_ENABLE   1
#define TSC_STABLE	     (1u << 0) /* the same on every CPU, never goes back */

#define NS_PER_S 1000000000ull

struct wall_clock {
	uint32_t version, seconds, nanoseconds;
};

_Static_assert(sizeof(struct eft_kvm_time_info) == 32, "msr.rst");

static volatile struct eft_kvm_time_info *const boot_info =
	&eft_kvm_boot_cpu.clock;

void eft_kvm_pvclock_join(struct eft_kvm_cpu *cpu)
{
	wrmsr(MSR_SYSTEM_TIME,
	      page_to_phys((void *)&cpu->clock) | SYSTEM_TIME_ENABLE);
}

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
	eft_kvm_pvclock_join(&eft_kvm_boot_cpu);
	return boot_info->ns_per_tsc != 0;
}

bool eft_kvm_pvclock_is_one(void)
{
	return boot_info->flags & TSC_STABLE;
}

void eft_kvm_pvclock_renew(void)
{
	struct eft_kvm_line line;
	uint32_t version = boot_info->version;

	if (version & 1 || eft_kvm_line_is_of(version) || !eft_kvm_line_begin())
		return;
	eft_kvm_line_by_host(boot_info, &line);
	if (version == boot_info->version)
		eft_kvm_line_set(&line, INT64_MAX, version);
	eft_kvm_line_end();
}

uint64_t eft_kvm_pvclock_hz(void)
{
	return eft_kvm_hz_by_host(boot_info);
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

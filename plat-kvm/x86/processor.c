// SPDX-License-Identifier: BSD-3-Clause
/*
 * The processor's own set-up: control registers, segments, interrupt stacks.
 *
 * All that belongs to one CPU is in a struct eft_kvm_cpu.
 */
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/kvm.h"
#include "plat-kvm/x86/asm.h"

/* SDM vol. 3 §2.5. The rest is 0: no emulation, no lazy floating point. */
#define CR0	       0x80010033 /* PG, WP, NE, ET, MP, PE */
#define CR4_PAE	       (1u << 5)
#define CR4_MCE	       (1u << 6)
#define CR4_OSFXSR     (1u << 9)
#define CR4_OSXMMEXCPT (1u << 10)
#define CR4_FSGSBASE   (1u << 16)
#define CR4_OSXSAVE    (1u << 18)

#define MSR_EFER    0xc0000080
#define EFER_LME    (1u << 8)
#define EFER_LMA    (1u << 10) /* read only, to be kept (APM vol. 2 §3.1.7) */
#define EFER_NXE    (1u << 11)
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101

/* SDM vol. 1 §13.1: x87, SSE, AVX; and AVX-512, all three bits or none. */
#define XCR0_BASE   0x7
#define XCR0_AVX512 0xe0

/* 64 TiB is what the direct map has room for. */
#define PHYS_BITS_MAX 46
#define PHYS_BITS_MIN 32

#define TSS_AVAILABLE 0x89 /* present, 64-bit TSS (SDM vol. 3 §3.5) */

extern const uint64_t eft_kvm_gdt[3];

struct eft_kvm_features eft_kvm_features;

struct eft_kvm_cpu eft_kvm_boot_cpu;

/* What our code and every program of this instruction set needs: leaf 1, EDX.
 */
static const struct {
	uint8_t bit;
	char name[5];
} required[] = {
	{0, "FPU"},   {4, "TSC"},  {8, "CX8"},	 {15, "CMOV"},
	{24, "FXSR"}, {25, "SSE"}, {26, "SSE2"},
};

static eft_noreturn void refuse_without(const char *name)
{
	static char why[] = "this processor has no .....";
	size_t end = sizeof(why) - 6;

	while (*name)
		why[end++] = *name++;
	why[end] = '\0';
	eft_kvm_refuse(why);
}

/* CPUID leaves: SDM vol. 2, AMD APM vol. 3 appendix E. */
static void find_features(struct eft_kvm_features *f, struct cpuid *ret_one)
{
	struct cpuid zero = cpuid(0, 0), one = cpuid(1, 0), extended;

	*ret_one = one;
	for (size_t i = 0; i < eft_array_size(required); i++)
		if (!(one.edx >> required[i].bit & 1))
			refuse_without(required[i].name);
	f->x2apic = one.ecx >> 21 & 1;
	f->tsc_deadline = one.ecx >> 24 & 1;
	f->rdrand = one.ecx >> 30 & 1;
	f->hypervisor = one.ecx >> 31 & 1;
	f->hwcap = one.edx;
	if (zero.eax >= 7) {
		struct cpuid seven = cpuid(7, 0);

		f->fsgsbase = seven.ebx & 1;
		f->rdseed = seven.ebx >> 18 & 1;
	}
	extended = cpuid(0x80000001, 0);
	if (!(extended.edx >> 20 & 1))
		refuse_without("NX");
	f->page_1g = extended.edx >> 26 & 1;
	f->phys_bits = 36;
	if (cpuid(0x80000000, 0).eax >= 0x80000008)
		f->phys_bits = eft_max(
			eft_min(cpuid(0x80000008, 0).eax & 0xff, PHYS_BITS_MAX),
			PHYS_BITS_MIN);
}

/* CPUID leaf 1, ECX bit 26; what it can save is in leaf 0xd. */
static bool has_xsave(const struct cpuid *one)
{
	return one->ecx >> 26 & 1 && cpuid(0, 0).eax >= 0xd;
}

/* Let programs use every vector extension that there is. */
static void enable_vectors(void)
{
	uint32_t offered = cpuid(0xd, 0).eax;
	uint32_t xcr0 = offered & XCR0_BASE;

	if (xcr0 == XCR0_BASE && (offered & XCR0_AVX512) == XCR0_AVX512)
		xcr0 |= XCR0_AVX512;
	__asm__ volatile("xsetbv" ::"c"(0), "a"(xcr0), "d"(0));
}

static void set_control_registers(const struct cpuid *one)
{
	uint64_t cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	const uint32_t mxcsr = 0x1f80; /* all masked (SDM vol. 1 §10.2.3) */

	if (one->edx >> 7 & 1)
		cr4 |= CR4_MCE;
	if (eft_kvm_features.fsgsbase)
		cr4 |= CR4_FSGSBASE;
	if (has_xsave(one))
		cr4 |= CR4_OSXSAVE;
	write_cr0(CR0);
	write_cr4(cr4);
	if (cr4 & CR4_OSXSAVE)
		enable_vectors();
	wrmsr(MSR_EFER, EFER_LME | EFER_LMA | EFER_NXE);
	__asm__ volatile("fninit; ldmxcsr %0" ::"m"(mxcsr));
}

/* The segment registers stay as they are: the selectors mean the same. */
static void load_segments(struct eft_kvm_cpu *cpu)
{
	uint64_t tss = (uintptr_t)&cpu->tss;
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed))
	gdtr = {sizeof(cpu->gdt) - 1, (uintptr_t)cpu->gdt};

	for (unsigned i = 0; i < EFT_KVM_IST_COUNT; i++) {
		cpu->stack[i].cpu = cpu;
		cpu->tss.ist[i] = (uintptr_t)&cpu->stack[i].cpu;
	}
	cpu->tss.io_map = sizeof(cpu->tss);
	cpu->gdt[1] = eft_kvm_gdt[1];
	cpu->gdt[2] = eft_kvm_gdt[2];
	cpu->gdt[3] = (sizeof(cpu->tss) - 1) | (tss & 0xffffff) << 16 |
		      (uint64_t)TSS_AVAILABLE << 40 | (tss >> 24 & 0xff) << 56;
	cpu->gdt[4] = tss >> 32;
	__asm__ volatile("lgdt %0" ::"m"(gdtr));
	__asm__ volatile("ltr %0" ::"r"((uint16_t)EFT_KVM_TSS));
}

void eft_kvm_cpu_init(void)
{
	struct cpuid one;

	load_segments(&eft_kvm_boot_cpu);
	eft_kvm_load_idt();
	find_features(&eft_kvm_features, &one);
	set_control_registers(&one);
}

void eft_kvm_cpu_start(struct eft_kvm_cpu *cpu)
{
	struct cpuid one = cpuid(1, 0);

	load_segments(cpu);
	eft_kvm_load_idt();
	set_control_registers(&one);
}

/* Others than the first have their own already. */
void eft_kvm_set_cpu(struct eft_cpu *cpu)
{
	if (!cpu->platform)
		cpu->platform = &eft_kvm_boot_cpu;
	wrmsr(MSR_GS_BASE, (uintptr_t)cpu);
}

void eft_kvm_set_thread_pointer(uintptr_t tp)
{
	if (eft_kvm_features.fsgsbase)
		__asm__ volatile("wrfsbase %0" ::"r"(tp) : "memory");
	else
		wrmsr(MSR_FS_BASE, tp);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The local APIC with its timer; the old 8259s are masked (SDM vol. 3 chapter
 * 10). Set up when first needed: most programs never wait.
 *
 * LOCKS  Each CPU touches its own local APIC, with interrupts off. The timer's
 *        rate is found by the boot CPU, before others start.
 */
#include "plat-kvm/x86/apic.h"
#include "core/log.h"
#include "plat-kvm/x86/asm.h"
#include "plat-kvm/x86/clock.h"

#define PIC1_DATA 0x21
#define PIC2_DATA 0xa1

#define LEAF_HYPERVISOR	      0x40000000
#define LEAF_HYPERVISOR_TIMER 0x40000010 /* VMware's, and QEMU's: EBX, kHz */

/* How long the timer is watched at least, to know its rate within 1 %. */
#define CALIBRATION_NS 100000
#define TIMER_MAX_NS   10000000000ul
#define KHZ_MIN	       1000u
#define KHZ_MAX	       10000000u
#define TRIES_MAX      100000 /* each takes some nanoseconds at least */

volatile uint32_t *eft_kvm_local_apic;

/* Of the boot CPU's timer; all have the same rate. */
static uint64_t started_ns, starting_took_ns; /* at its maximum */
static uint64_t ticks_per_ns;		      /* 32.32; 0 not known yet */

static void enable_local(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	if (eft_kvm_features.x2apic)
		base |= APIC_BASE_X2APIC;
	else
		eft_kvm_local_apic = eft_kvm_window_device(
			EFT_KVM_WINDOW_LAPIC, base & APIC_BASE_ADDR);
	wrmsr(MSR_APIC_BASE, base);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_LINT0, LVT_MASKED); /* the 8259s' way in */
	apic_write(APIC_SVR, SVR_ENABLE | EFT_KVM_SPURIOUS);
}

static void use_timer(uint32_t mode)
{
	apic_write(APIC_LVT_TIMER, mode | (EFT_KVM_IRQ + EFT_KVM_IRQ_TIMER));
}

static void start_timer(void)
{
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	started_ns = eft_kvm_monotonic_ns();
	apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
	starting_took_ns = eft_kvm_monotonic_ns() - started_ns;
}

void eft_kvm_apic_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	if (!(cpuid(1, 0).edx >> 9 & 1)) {
		eft_console_printf("eft: this processor has no local APIC, "
				   "and nothing can wait\n");
		eft_kvm_exit(1);
	}
	outb(PIC1_DATA, 0xff);
	outb(PIC2_DATA, 0xff);
	enable_local();
	if (eft_kvm_features.tsc_deadline)
		use_timer(LVT_TSC_DEADLINE);
	else
		start_timer();
}

void eft_kvm_apic_start(void)
{
	enable_local();
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	use_timer(eft_kvm_features.tsc_deadline ? LVT_TSC_DEADLINE : 0);
}

void eft_kvm_apic_end_of_interrupt(void)
{
	apic_write(APIC_EOI, 0);
}

static void read_timer(struct eft_kvm_reading *ret)
{
	uint64_t before = eft_kvm_monotonic_ns();
	uint32_t count = apic_read(APIC_TIMER_CURRENT);

	eft_kvm_set_reading(ret, before, eft_kvm_monotonic_ns(), count);
}

static void start_reading(struct eft_kvm_reading *ret)
{
	eft_kvm_set_reading(ret, started_ns, started_ns + starting_took_ns,
			    UINT32_MAX);
}

/* The rate as the hypervisor tells it, or 0. */
static uint64_t told_ticks_per_ns(void)
{
	uint32_t khz;

	if (!eft_kvm_features.hypervisor ||
	    cpuid(LEAF_HYPERVISOR, 0).eax < LEAF_HYPERVISOR_TIMER)
		return 0;
	khz = cpuid(LEAF_HYPERVISOR_TIMER, 0).ebx;
	if (khz < KHZ_MIN || khz > KHZ_MAX)
		return 0;
	return ((uint64_t)khz << 32) / DIVISOR / 1000000;
}

static uint64_t measure(void)
{
	struct eft_kvm_reading first, last;

	start_reading(&first);
	for (int i = 0; i < TRIES_MAX; i++) {
		eft_kvm_read_best(read_timer, &last);
		if (last.count == 0) { /* ran out long ago */
			start_timer();
			start_reading(&first);
			continue;
		}
		if (eft_kvm_readings_do(&first, &last) &&
		    last.at - first.at >= CALIBRATION_NS)
			break;
	}
	return ((uint64_t)(first.count - last.count) << 32) /
	       eft_max(last.at - first.at, 1);
}

static void calibrate(void)
{
	ticks_per_ns = told_ticks_per_ns();
	if (ticks_per_ns == 0)
		ticks_per_ns = eft_max(measure(), 1);
	use_timer(0);
}

void eft_kvm_timer_calibrate(void)
{
	if (!eft_kvm_features.tsc_deadline && ticks_per_ns == 0)
		calibrate();
}

/*
 * It counts from the moment it is written on: where the host paused us before
 * that, what is left is less.
 */
static void arm_count(uint64_t deadline_ns)
{
	enum { TRIES = 3, PAUSE_NS = 1000000 };
	uint64_t now, ns, count;

	if (ticks_per_ns == 0)
		calibrate();
	now = eft_kvm_monotonic_ns();
	for (int i = 0; i < TRIES; i++) {
		uint64_t before = now;

		ns = eft_min(deadline_ns - eft_min(now, deadline_ns),
			     TIMER_MAX_NS);
		count = (unsigned __int128)ns * ticks_per_ns >> 32;
		apic_write(APIC_TIMER_INITIAL,
			   eft_max(eft_min(count, UINT32_MAX), 1));
		now = eft_kvm_monotonic_ns();
		if (now - before < PAUSE_NS || now >= deadline_ns)
			return;
	}
}

void eft_kvm_timer_arm(uint64_t deadline_ns)
{
	bool never = deadline_ns == EFT_FOREVER;

	if (!eft_kvm_features.tsc_deadline) {
		if (never)
			apic_write(APIC_TIMER_INITIAL, 0);
		else
			arm_count(deadline_ns);
		return;
	}
	/* The timer's mode is set before its deadline (§10.5.4.1). */
	__asm__ volatile("mfence" ::: "memory");
	wrmsr(MSR_TSC_DEADLINE, never ? 0 : eft_kvm_tsc_at(deadline_ns));
}

uint32_t eft_kvm_apic_id(void)
{
	uint32_t id = apic_read(APIC_ID);

	return eft_kvm_local_apic ? id >> 24 : id;
}

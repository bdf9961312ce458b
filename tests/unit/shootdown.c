// SPDX-License-Identifier: BSD-3-Clause
/*
 * The flush of other CPUs' TLBs: plat-kvm/x86/tlb.c is compiled into the test, on
 * CPUs that take an interrupt when it is sent. Whoever asks, each other one
 * that is awake is interrupted once and has flushed when the asker goes on; one
 * that sleeps is let sleep, and has when it wakes.
 */
#define read_cr3      real_read_cr3
#define write_cr3     real_write_cr3
#define interrupts_on real_interrupts_on
#include "plat-kvm/x86/asm.h"
#undef read_cr3
#undef write_cr3
#undef interrupts_on

#include "core/lock.h"
#include "plat-kvm/x86/smp.h"
#include "tests/unit/unit.h"

static uint64_t read_cr3(void);
static void write_cr3(uint64_t value);
static bool interrupts_on(void);
static void spin(unsigned turn);

#define eft_spin(turn) spin(turn)
#include "plat-kvm/x86/tlb.c"
#undef eft_spin

enum { CPUS = 4, TURNS_MAX = 10 };

struct eft_kvm_cpus eft_kvm_cpus;
volatile uint32_t *eft_kvm_local_apic;

static struct eft_kvm_cpu cpus[CPUS];
static unsigned flushes[CPUS], interrupts[CPUS], ends;
static bool flag = true; /* IF, of whoever runs */
static bool takes_late;	 /* an interrupt comes while the asker spins */
static uint64_t late;	 /* to whom, a bit each */

static unsigned running(void)
{
	return (unsigned)(eft_kvm_this_cpu() - cpus);
}

static void run_on(unsigned number)
{
	eft_cpu()->platform = &cpus[number];
}

static uint64_t read_cr3(void)
{
	return 0;
}

static void write_cr3(uint64_t value)
{
	flushes[running()]++;
}

static bool interrupts_on(void)
{
	return flag;
}

static void interrupt(unsigned number)
{
	uint32_t apic[EFT_PAGE_SIZE / 4] = {[APIC_EOI / 4] = 1};
	unsigned self = running();

	eft_kvm_local_apic = apic;
	run_on(number);
	eft_kvm_flush_interrupt();
	run_on(self);
	ends += apic[APIC_EOI / 4] == 0;
	eft_kvm_local_apic = NULL;
}

void eft_kvm_send_interrupt(uint32_t apic_id, unsigned vector)
{
	unsigned number = apic_id - 100;

	check_eq(vector, EFT_KVM_FLUSH);
	check(number < CPUS && number != running());
	interrupts[number]++;
	if (takes_late)
		late |= 1ul << number;
	else
		interrupt(number);
}

/* The asker waits for somebody who has not been asked, if for long. */
static void spin(unsigned turn)
{
	check(turn < TURNS_MAX);
	if (turn == 2 && late != 0) {
		interrupt((unsigned)__builtin_ctzll(late));
		late &= late - 1;
	}
}

static void boot(void)
{
	fake_boot(NULL);
	eft_kvm_cpus.count = 1;
	for (unsigned i = 0; i < CPUS; i++) {
		eft_kvm_cpus.at[i] = &cpus[i];
		cpus[i].apic_id = 100 + i;
		run_on(i);
		if (i > 0)
			eft_kvm_flush_join(&cpus[i]);
	}
	check_eq(eft_kvm_cpus.count, CPUS);
}

static void begin(unsigned asker)
{
	memset(flushes, 0, sizeof(flushes));
	memset(interrupts, 0, sizeof(interrupts));
	ends = 0;
	run_on(asker);
}

static void each_once(unsigned asker)
{
	begin(asker);
	eft_kvm_flush_others();
	for (unsigned i = 0; i < CPUS; i++) {
		check_eq(interrupts[i], i != asker);
		check_eq(flushes[i], i != asker);
	}
	check_eq(ends, CPUS - 1);
	check_eq(late, 0);
}

Test(shootdown, whoever_asks)
{
	boot();
	for (unsigned asker = 0; asker < CPUS; asker++)
		each_once(asker);
	takes_late = true;
	for (unsigned asker = 0; asker < CPUS; asker++)
		each_once(asker);
}

Test(shootdown, who_sleeps)
{
	boot();
	for (unsigned asleep = 0; asleep < CPUS; asleep++) {
		begin((asleep + 1) % CPUS);
		cpus[asleep].asleep = true;
		eft_kvm_flush_others();
		eft_kvm_flush_others();
		check_eq(interrupts[asleep] + flushes[asleep], 0);
		check_eq(flushes[(asleep + 2) % CPUS], 2);
		cpus[asleep].asleep = false;
		run_on(asleep);
		eft_kvm_flush_awake();
		check_eq(flushes[asleep], 1);
		eft_kvm_flush_awake();
		check_eq(flushes[asleep], 1);
	}
}

/* Who spins with the processor's interrupts off looks for requests itself. */
Test(shootdown, who_spins)
{
	boot();
	begin(0);
	takes_late = true;
	newest++;
	run_on(1);
	eft_kvm_flush_spinning(0);
	check_eq(flushes[1], 0);
	flag = false;
	eft_kvm_flush_spinning(1);
	check_eq(flushes[1], 1);
	check_eq(cpus[1].flushed, newest);
}

Test(shootdown, one_cpu)
{
	boot();
	eft_kvm_cpus.count = 1;
	begin(0);
	eft_kvm_flush_others();
	for (unsigned i = 0; i < CPUS; i++)
		check_eq(interrupts[i] + flushes[i], 0);
}

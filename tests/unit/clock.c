// SPDX-License-Identifier: BSD-3-Clause
/*
 * A guest's clock by the TSC, and the deadlines that it makes of time, on a
 * machine whose TSC has a rate that is known here: plat-kvm/x86/clock.c and tsc.c
 * are compiled into the test, with the instructions replaced that reach the
 * counters.
 */
#define rdtsc real_rdtsc
#define inb   real_inb
#define outb  real_outb
#include "plat-kvm/x86/asm.h"
#undef rdtsc
#undef inb
#undef outb

#include "tests/unit/unit.h"

static uint64_t rdtsc(void);
static uint8_t inb(uint16_t port);
static void outb(uint16_t port, uint8_t value);

/* Nobody tells the rate. */
#define cpuid(leaf, subleaf) ((struct cpuid){0})
#include "plat-kvm/x86/clock.c"
#include "plat-kvm/x86/tsc.c"

/* The machine: what an instruction takes, and its timer's channel 2. */
enum { RDTSC_NS = 10, PORT_NS = 500 };

static uint64_t tsc_hz;
static uint64_t now_ns, pit_start_ns;
static uint64_t pit_lead_ns; /* it starts so long before outb() has ended */
static uint16_t pit_latched;
static uint8_t pit_status;
static int pit_next; /* what is read next: status, low, high */

/* Another CPU, which runs after an rdtsc when its timer was read three times. */
static void (*other_cpu)(void);
static unsigned pit_readings;

static uint64_t rdtsc(void)
{
	void (*other)(void) = other_cpu;
	uint64_t tsc;

	now_ns += RDTSC_NS;
	tsc = (unsigned __int128)now_ns * tsc_hz / NS_PER_S;
	if (other != NULL && pit_readings == 3) {
		other_cpu = NULL;
		other();
	}
	return tsc;
}

static void latch(void)
{
	uint64_t ticks = (now_ns - pit_start_ns) * PIT_HZ / NS_PER_S;

	pit_latched = (uint16_t)(0xffff - ticks);
	pit_status = ticks > 0xffff ? PIT_STATUS_OUT : 0;
	pit_next = 0;
}

static void outb(uint16_t port, uint8_t value)
{
	now_ns += PORT_NS;
	if (port == PIT_COMMAND && value == PIT_COMMAND_READ)
		latch();
	if (port == PIT_CHANNEL2)
		/* the second byte is the later one */
		pit_start_ns = now_ns - pit_lead_ns;
}

static uint8_t inb(uint16_t port)
{
	now_ns += PORT_NS;
	if (port != PIT_CHANNEL2)
		return 0;
	switch (pit_next++) {
	case 0:
		return pit_status;
	case 1:
		return (uint8_t)pit_latched;
	default:
		pit_readings++;
		return (uint8_t)(pit_latched >> 8);
	}
}

struct eft_kvm_features eft_kvm_features;
struct eft_kvm_cpu eft_kvm_boot_cpu;

static uint64_t told_by_kvm;

bool eft_kvm_pvclock_init(void)
{
	return told_by_kvm != 0;
}

uint64_t eft_kvm_pvclock_hz(void)
{
	return told_by_kvm;
}

void eft_kvm_pvclock_join(struct eft_kvm_cpu *cpu)
{
}

bool eft_kvm_pvclock_is_one(void)
{
	return true;
}

void eft_kvm_pvclock_renew(void)
{
}

static void boot(uint64_t rate)
{
	fake_boot(NULL);
	tsc_hz = rate;
	now_ns = 1000000000;
	eft_kvm_clock_start();
}

/* (part) of the time that went by is the most that the clock is wrong. */
static void runs_right(uint64_t ns, uint64_t part)
{
	uint64_t by_clock = eft_kvm_monotonic_ns(), start = now_ns, took;

	now_ns += ns;
	by_clock = eft_kvm_monotonic_ns() - by_clock;
	took = now_ns - start;
	check(by_clock + took / part >= took);
	check(by_clock <= took + took / part + 1000);
}

/* Within half a percent at once, and within a few parts in a million later. */
static void measures(uint64_t rate)
{
	boot(rate);
	runs_right(20000000, 200);
	eft_kvm_monotonic_ns();
	now_ns += 50000000;
	eft_kvm_monotonic_ns();
	runs_right(100000000, 5000);
	now_ns += 1500000000;
	eft_kvm_monotonic_ns();
	runs_right(10000000000, 100000);
}

Test(clock, measures_1_ghz)
{
	measures(1000000000);
}

Test(clock, measures_2_4_ghz)
{
	measures(2400000000);
}

Test(clock, measures_5_ghz)
{
	measures(4999999937);
}

/* The newest time that anybody read. */
static uint64_t newest_ns;

static void is_newest(uint64_t ns)
{
	check(ns >= newest_ns);
	newest_ns = ns;
}

/* The host pauses the first CPU for a millisecond meanwhile. */
static void read_by_other_cpu(void)
{
	unsigned __int128 time;

	now_ns += 1000000;
	if (eft_kvm_look(false, &time))
		is_newest(eft_kvm_whole_ns(time));
}

/* A rate becomes better known while another CPU reads by the one before. */
static void goes_on(uint64_t rate)
{
	pit_lead_ns = PORT_NS; /* so that the first rate is too low */
	boot(rate);
	is_newest(eft_kvm_monotonic_ns());
	now_ns += 40000000;
	pit_readings = 0;
	other_cpu = read_by_other_cpu;
	is_newest(eft_kvm_monotonic_ns());
	check_eq(other_cpu == NULL, true);
	is_newest(eft_kvm_monotonic_ns());
}

Test(clock, never_goes_back_at_1_ghz)
{
	goes_on(1000000000);
}

Test(clock, never_goes_back_at_2_4_ghz)
{
	goes_on(2400000000);
}

Test(clock, never_goes_back_at_3_1_ghz)
{
	goes_on(3100000007);
}

/* Not late by more than the rate is wrong, nor early by more than two reads. */
static void check_deadline(uint64_t ns)
{
	uint64_t now = eft_kvm_monotonic_ns(), wanted = now_ns + ns;
	uint64_t tsc = eft_kvm_tsc_at(now + ns);
	uint64_t at_ns = (unsigned __int128)tsc * NS_PER_S / tsc_hz;

	check(at_ns + 1000 + ns / 200 >= wanted);
	check(at_ns <= wanted + 1000 + ns / 200);
}

Test(clock, deadlines)
{
	boot(2400000000);
	for (uint64_t ns = 1; ns < 3600 * NS_PER_S; ns = ns * 3 + 1)
		check_deadline(ns);
	now_ns += 1500000000;
	for (uint64_t ns = 1; ns < 3600 * NS_PER_S; ns = ns * 3 + 1)
		check_deadline(ns);
	check_eq(eft_kvm_tsc_at(0) <= rdtsc(), true);
}

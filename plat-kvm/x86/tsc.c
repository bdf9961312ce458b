// SPDX-License-Identifier: BSD-3-Clause
/*
 * The time-stamp counter as a clock.
 *
 * Its rate comes from CPUID if the processor or the hypervisor says it.
 * Otherwise it is measured against the programmable interval timer, without
 * a long wait: channel 2 starts at boot, and the rate is computed when
 * somebody first asks for the time. If less than 1 ms has passed by then, we
 * wait for the rest of it; if the channel has counted to its end (55 ms), it
 * starts again.
 *
 * Such a rate is right within some 0.3 %. Later readings of the clock make it
 * better: from 30 ms on, and again from 1 s on, a few parts in a million
 * remain. The counter has 16 bits and wraps every 55 ms; the rate known so
 * far says how often it did, unless too long a time has passed: then the
 * measurement begins anew.
 *
 * The host may pause us between any two instructions. A reading of the counter
 * that took longer than others is not used; nor is one from which no rate
 * follows that is good enough, be it the first or the last.
 *
 * A new rate holds from the moment it is set, so time goes on from what the
 * old one said.
 *
 * LOCKS  All that changes does so between eft_kvm_line_begin() and end().
 */
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/x86/asm.h"
#include "plat-kvm/x86/clock.h"

#define LEAF_TSC	    0x15 /* SDM vol. 2, CPUID */
#define LEAF_HYPERVISOR	    0x40000000
#define LEAF_HYPERVISOR_TSC 0x40000010 /* VMware's, and QEMU's: kHz */

/* Intel 8254 data sheet. */
#define PIT_HZ		  1193182ull
#define PIT_CHANNEL2	  0x42
#define PIT_COMMAND	  0x43
#define PIT_COMMAND_COUNT 0xb0 /* channel 2, both bytes, mode 0, binary */
#define PIT_COMMAND_READ  0xc8 /* latch status and count of channel 2 */
#define PIT_STATUS_OUT	  0x80 /* the count has been at 0 */
#define PIT_GATE	  0x61 /* bit 0 lets channel 2 count, 1 is the speaker */

#define NS_PER_S    1000000000ull
#define TICKS_MIN   ((int)(PIT_HZ / 1000))
#define SAMPLES_MAX 4000 /* each takes more than a microsecond */
#define HZ_MIN	    10000000ull
#define HZ_MAX	    100000000000ull

enum { ENDED = 0x10000 }; /* in a reading's count: it has been at 0 */

/* The time that a measurement takes, at least and at most. */
static const struct {
	uint32_t min_ms, max_ms;
} stages[] = {
	{30, 2000},
	{1000, 100000},
};

static struct eft_kvm_reading first;
static uint64_t told_hz; /* by CPUID, or 0 */
static unsigned stage;	 /* of stages[] is next */

static uint64_t start_tsc; /* when time was 0 */
static uint64_t hz;
static uint64_t refine_tsc; /* when to measure again */

static void read_pit(struct eft_kvm_reading *ret)
{
	uint64_t before = rdtsc(), after;
	uint8_t status, low, high;

	outb(PIT_COMMAND, PIT_COMMAND_READ);
	after = rdtsc();
	status = inb(PIT_CHANNEL2);
	low = inb(PIT_CHANNEL2);
	high = inb(PIT_CHANNEL2);
	eft_kvm_set_reading(ret, before, after,
			    (status & PIT_STATUS_OUT ? ENDED : 0) | high << 8 |
				    low);
}

/* It counts from the second byte on. */
static void start_pit(void)
{
	uint64_t before;

	outb(PIT_GATE, (inb(PIT_GATE) & ~3) | 1);
	outb(PIT_COMMAND, PIT_COMMAND_COUNT);
	outb(PIT_CHANNEL2, 0xff);
	before = rdtsc();
	outb(PIT_CHANNEL2, 0xff);
	eft_kvm_set_reading(&first, before, rdtsc(), 0xffff);
}

static bool is_sensible(uint64_t rate)
{
	return rate >= HZ_MIN && rate <= HZ_MAX;
}

/* The hypervisor knows best what it does to the processor's counter. */
static uint64_t find_told_hz(void)
{
	uint64_t rate = 0;

	if (eft_kvm_features.hypervisor &&
	    cpuid(LEAF_HYPERVISOR, 0).eax >= LEAF_HYPERVISOR_TSC)
		rate = cpuid(LEAF_HYPERVISOR_TSC, 0).eax * 1000ull;
	if (!is_sensible(rate) && cpuid(0, 0).eax >= LEAF_TSC) {
		struct cpuid r = cpuid(LEAF_TSC, 0);

		if (r.eax != 0)
			rate = (uint64_t)r.ecx * r.ebx / r.eax;
	}
	return is_sensible(rate) ? rate : 0;
}

void eft_kvm_tsc_start(void)
{
	start_tsc = rdtsc();
	told_hz = find_told_hz();
	if (told_hz == 0)
		start_pit();
}

/* (ticks) of the PIT took until (s). Returns the rate, or 0: nonsense. */
static uint64_t rate(const struct eft_kvm_reading *s, uint64_t ticks)
{
	uint64_t tsc = s->at - first.at, r;

	if (ticks == 0 || tsc > UINT64_MAX / PIT_HZ)
		return 0;
	r = tsc * PIT_HZ / ticks;
	return is_sensible(r) ? r : 0;
}

/* The first measurement: at least 1 ms since the PIT was started. */
static uint64_t measure(void)
{
	struct eft_kvm_reading last;
	bool again = false;

	for (int i = 0; i < SAMPLES_MAX; i++) {
		eft_kvm_read_best(read_pit, &last);
		if (last.count & ENDED) {
			if (again) /* at once: there is no PIT */
				return 0;
			start_pit();
			again = true;
			continue;
		}
		again = false;
		if (eft_kvm_readings_do(&first, &last) &&
		    (int)(first.count - last.count) >= TICKS_MIN)
			break;
	}
	return rate(&last, first.count - last.count);
}

/*
 * By the line's holder: time has another rate from now on, or from the beginning
 * where it has had none.
 */
static void set_rate(uint64_t new_hz)
{
	struct eft_kvm_line line = eft_kvm_published.line;
	uint64_t limit = INT64_MAX, tsc;

	eft_kvm_line_hold();
	tsc = hz != 0 ? rdtsc() : start_tsc;
	line.time += (unsigned __int128)(tsc - line.tsc) * line.per_tick;
	line.tsc = tsc;
	line.per_tick = UINT64_MAX / new_hz;
	refine_tsc = UINT64_MAX;
	if (!told_hz && stage < eft_array_size(stages)) {
		refine_tsc = eft_max(tsc, first.at) +
			     stages[stage].min_ms * (new_hz / 1000);
		limit = refine_tsc - tsc;
	}
	__atomic_store_n(&hz, new_hz, __ATOMIC_RELAXED);
	eft_kvm_line_set(&line, limit, 0);
}

/* By the line's holder. */
static void set_up(void)
{
	uint64_t measured = told_hz ? told_hz : measure();
	if (measured == 0) {
		eft_log(EFT_LOG_WARN, "no timer tells the clock's rate");
		measured = told_hz = NS_PER_S;
	}
	set_rate(measured);
}

/* A rate that is nearer to the truth; the one known, where there is none. */
static uint64_t better_rate(void)
{
	struct eft_kvm_reading s;
	uint64_t ms, ticks, expected, better;

	eft_kvm_read_best(read_pit, &s);
	ms = (s.at - first.at) / (hz / 1000);
	ticks = (uint16_t)(first.count - s.count);
	if (ms > stages[stage].max_ms)
		first = s;
	if (ms > stages[stage].max_ms || s.took / 2 > first.took)
		return hz; /* later */
	expected = ms * PIT_HZ / 1000;
	if (expected > ticks)
		ticks += (expected - ticks + 0x8000) & ~0xffffull;
	better = rate(&s, ticks);
	stage++;
	return better ? better : hz;
}

/* Where another CPU does it, the caller looks again. */
void eft_kvm_tsc_renew(void)
{
	if (__atomic_load_n(&hz, __ATOMIC_ACQUIRE) != 0 && rdtsc() < refine_tsc)
		return;
	if (!eft_kvm_line_begin())
		return;
	if (hz == 0)
		set_up();
	else if (rdtsc() >= refine_tsc)
		set_rate(better_rate());
	eft_kvm_line_end();
}

uint64_t eft_kvm_tsc_hz(void)
{
	return hz;
}

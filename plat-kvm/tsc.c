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
 * A new rate holds from the moment it is set, so time goes on from what the
 * old one said.
 *
 * LOCKS  (sequence) is odd while the clock changes; readers then try again.
 *        It is odd too for those who would change it at once: they don't.
 *        Interrupts are off then: a handler that reads would wait for ever.
 */
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/asm.h"
#include "plat-kvm/kvm.h"

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

struct sample {
	uint64_t tsc;
	uint16_t count;
	bool ended;
};

/* The time that a measurement takes, at least and at most. */
static const struct {
	uint32_t min_ms, max_ms;
} stages[] = {
	{30, 2000},
	{1000, 100000},
};

static struct sample first;
static uint64_t told_hz; /* by CPUID, or 0 */
static unsigned stage;	 /* of stages[] is next */

static uint32_t sequence;
static uint64_t base_tsc, base_ns, hz;
static uint64_t ns_per_tsc; /* 32.32 */
static uint64_t refine_tsc; /* when to measure again */

/* Of three readings, that which took the least time. */
static struct sample take_sample(void)
{
	struct sample best = {0};
	uint64_t best_took = UINT64_MAX;

	for (int i = 0; i < 3; i++) {
		uint64_t before = rdtsc(), took;
		uint8_t status, low, high;

		outb(PIT_COMMAND, PIT_COMMAND_READ);
		took = rdtsc() - before;
		status = inb(PIT_CHANNEL2);
		low = inb(PIT_CHANNEL2);
		high = inb(PIT_CHANNEL2);
		if (took >= best_took)
			continue;
		best_took = took;
		best.tsc = before + took / 2;
		best.count = high << 8 | low;
		best.ended = status & PIT_STATUS_OUT;
	}
	return best;
}

static void start_pit(void)
{
	outb(PIT_GATE, (inb(PIT_GATE) & ~3) | 1);
	outb(PIT_COMMAND, PIT_COMMAND_COUNT);
	outb(PIT_CHANNEL2, 0xff);
	outb(PIT_CHANNEL2, 0xff);
	first = (struct sample){.tsc = rdtsc(), .count = 0xffff};
}

void eft_kvm_tsc_start(void)
{
	base_tsc = rdtsc();
	if (cpuid(0, 0).eax >= LEAF_TSC) {
		struct cpuid r = cpuid(LEAF_TSC, 0);

		if (r.eax != 0)
			told_hz = (uint64_t)r.ecx * r.ebx / r.eax;
	}
	if (told_hz == 0 && eft_kvm_features.hypervisor &&
	    cpuid(LEAF_HYPERVISOR, 0).eax >= LEAF_HYPERVISOR_TSC)
		told_hz = cpuid(LEAF_HYPERVISOR_TSC, 0).eax * 1000ull;
	if (told_hz < HZ_MIN || told_hz > HZ_MAX) {
		told_hz = 0;
		start_pit();
	}
}

/* (ticks) of the PIT took until (s). Returns the rate, or 0: nonsense. */
static uint64_t rate(const struct sample *s, uint64_t ticks)
{
	uint64_t tsc = s->tsc - first.tsc, r;

	if (ticks == 0 || tsc > UINT64_MAX / PIT_HZ)
		return 0;
	r = tsc * PIT_HZ / ticks;
	return r >= HZ_MIN && r <= HZ_MAX ? r : 0;
}

/* The first measurement: at least 1 ms since the PIT was started. */
static uint64_t measure(void)
{
	struct sample s = take_sample();

	if (s.ended) {
		start_pit();
		s = take_sample();
	}
	for (int i = 0; i < SAMPLES_MAX && first.count - s.count < TICKS_MIN;
	     i++)
		s = take_sample();
	return rate(&s, first.count - s.count);
}

/* By the holder of (sequence): time has another rate from (tsc) on. */
static void set_rate(uint64_t new_hz, uint64_t tsc)
{
	base_ns += (unsigned __int128)(tsc - base_tsc) * ns_per_tsc >> 32;
	base_tsc = tsc;
	ns_per_tsc = (NS_PER_S << 32) / new_hz;
	if (told_hz || stage == eft_array_size(stages))
		refine_tsc = UINT64_MAX;
	else
		refine_tsc = first.tsc + stages[stage].min_ms * (new_hz / 1000);
	__atomic_store_n(&hz, new_hz, __ATOMIC_RELAXED);
}

static bool begin_change(void)
{
	uint32_t even;

	eft_irq_off();
	even = __atomic_load_n(&sequence, __ATOMIC_RELAXED) & ~1u;
	if (__atomic_compare_exchange_n(&sequence, &even, even + 1, false,
					__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return true;
	eft_irq_on();
	return false;
}

static void end_change(void)
{
	__atomic_fetch_add(&sequence, 1, __ATOMIC_RELEASE);
	eft_irq_on();
}

/* Of two CPUs that come at once, the other one waits. */
static void set_up(void)
{
	while (!__atomic_load_n(&hz, __ATOMIC_ACQUIRE)) {
		uint64_t measured, start = base_tsc;

		if (!begin_change())
			continue;
		measured = told_hz ? told_hz : measure();
		if (measured == 0) {
			eft_log(EFT_LOG_WARN,
				"no timer tells the clock's rate");
			measured = told_hz = NS_PER_S;
		}
		set_rate(measured, start);
		end_change();
	}
}

/* By the holder of (sequence). */
static void refine(void)
{
	struct sample s = take_sample();
	uint64_t ms = (s.tsc - first.tsc) / (hz / 1000);
	uint64_t ticks = (uint16_t)(first.count - s.count), expected, better;

	if (ms > stages[stage].max_ms) {
		first = s;
		set_rate(hz, s.tsc);
		return;
	}
	expected = ms * PIT_HZ / 1000;
	if (expected > ticks)
		ticks += (expected - ticks + 0x8000) & ~0xffffull;
	better = rate(&s, ticks);
	stage++;
	set_rate(better ? better : hz, s.tsc);
}

uint64_t eft_kvm_tsc_ns(void)
{
	uint64_t tsc, ns;
	uint32_t seen;

	if (eft_unlikely(!__atomic_load_n(&hz, __ATOMIC_ACQUIRE)))
		set_up();
	do {
		seen = __atomic_load_n(&sequence, __ATOMIC_ACQUIRE) & ~1u;
		tsc = eft_max(rdtsc(), base_tsc);
		ns = base_ns +
		     ((unsigned __int128)(tsc - base_tsc) * ns_per_tsc >> 32);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (seen != __atomic_load_n(&sequence, __ATOMIC_RELAXED));
	if (eft_unlikely(tsc >= refine_tsc) && begin_change()) {
		refine();
		end_change();
	}
	return ns;
}

uint64_t eft_kvm_tsc_hz(void)
{
	return hz;
}

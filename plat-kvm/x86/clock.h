// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the files of the clock.
 */
#include "plat-kvm/kvm.h"
#include "plat-kvm/x86/asm.h"

extern bool eft_kvm_clock_paravirtual; /* the clock is KVM's */

/* Time, as the TSC has it: see clock.c. */
struct eft_kvm_line {
	uint64_t tsc, per_tick; /* seconds, 0.64 */
	unsigned __int128 time; /* at (tsc): seconds, 64.64 */
};

/*
 * Change the line: begin() is false while somebody else does. Interrupts are
 * off from there to end().
 */
bool eft_kvm_line_begin(void);
void eft_kvm_line_end(void);

/*
 * (line) holds for (limit) ticks, and as long as KVM's is (host_version). One of
 * ours: after eft_kvm_line_hold().
 */
void eft_kvm_line_set(const struct eft_kvm_line *line, uint64_t limit,
		      uint32_t host_version);
bool eft_kvm_line_is_of(uint32_t host_version);

/* What KVM says; it may say something else meanwhile. */
void eft_kvm_line_by_host(volatile const struct eft_kvm_time_info *info,
			  struct eft_kvm_line *ret);
/* The same as a rate: ticks a second. */
uint64_t eft_kvm_hz_by_host(volatile const struct eft_kvm_time_info *info);

#define EFT_KVM_NS_PER_S 1000000000ull

/* The newest line, for readers. */
struct eft_kvm_published {
	uint32_t seen;
	bool differ;	/* two CPUs' clocks, read after each other, went back */
	uint64_t limit; /* ticks from line.tsc */
	struct eft_kvm_line line;
};

extern struct eft_kvm_published eft_kvm_published;

/* KVM's; ours where there is no KVM. */
static volatile uint32_t *const eft_kvm_version =
	&eft_kvm_boot_cpu.clock.version;

/*
 * Have readers wait from now on until line_set(): a line of ours that begins now
 * must not be earlier than what somebody reads meanwhile by the one before.
 */
static inline void eft_kvm_line_hold(void)
{
	++*eft_kvm_version;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/*
 * What time it is, by the line, if that holds. Without (within) it is gone on
 * beyond its limit, and before its beginning time stands still.
 */
static inline __attribute__((always_inline)) bool
eft_kvm_look(bool within, unsigned __int128 *ret_time)
{
	uint32_t seen =
		__atomic_load_n(&eft_kvm_published.seen, __ATOMIC_ACQUIRE);
	uint64_t ticks = rdtsc() - eft_kvm_published.line.tsc;

	if (eft_unlikely(ticks >= eft_kvm_published.limit)) {
		if (within)
			return false;
		if ((int64_t)ticks < 0)
			ticks = 0;
	}
	*ret_time = eft_kvm_published.line.time +
		    (unsigned __int128)ticks * eft_kvm_published.line.per_tick;
	__asm__ volatile("" ::: "memory");
	return eft_likely(seen == *eft_kvm_version);
}

static inline uint64_t eft_kvm_part_ns(unsigned __int128 time)
{
	return (unsigned __int128)(uint64_t)time * EFT_KVM_NS_PER_S >> 64;
}

static inline uint64_t eft_kvm_whole_ns(unsigned __int128 time)
{
	return (uint64_t)(time >> 64) * EFT_KVM_NS_PER_S +
	       eft_kvm_part_ns(time);
}

/* The slow way: the line is written anew if it is time to. */
uint64_t eft_kvm_look_again(void);

/*
 * Where there are several CPUs, whose clocks may differ (clock_cpus.c): (ns) of
 * any, or a newer time that one of them saw; the same of the caller's own.
 */
uint64_t eft_kvm_newest(uint64_t ns) eft_weak;
uint64_t eft_kvm_own_clock_ns(void) eft_weak;

/* Wall clock time when the monotonic clock was 0; 0: nobody knows. */
uint64_t eft_kvm_boot_ns(void);

/*
 * A counter of known rate, or of one to be known, beside the clock that it is
 * compared with. The host may pause us between two instructions: so a reading
 * says how long it (took), and the count was there in the midst of it, (at).
 */
struct eft_kvm_reading {
	uint64_t at, took;
	uint32_t count;
};

typedef void eft_kvm_read_fn(struct eft_kvm_reading *ret);

static inline void eft_kvm_set_reading(struct eft_kvm_reading *reading,
				       uint64_t before, uint64_t after,
				       uint32_t count)
{
	reading->took = after - before;
	reading->at = before + reading->took / 2;
	reading->count = count;
}

/* Of three readings, that which took the least time. */
void eft_kvm_read_best(eft_kvm_read_fn *read, struct eft_kvm_reading *ret);

/*
 * Is the time from (first) to (last) known well enough, within half a percent?
 * If not, a later (last) is; (first) is replaced if it was disturbed.
 */
bool eft_kvm_readings_do(struct eft_kvm_reading *first,
			 const struct eft_kvm_reading *last);

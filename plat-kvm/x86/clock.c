// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks: the TSC, whose rate KVM says (hyper/pvclock.c), or the processor, or
 * a measurement (tsc.c).
 *
 * Invariant: monotonic_ns never goes back, not even when the rate of the TSC
 * becomes better known, nor from one CPU to the next.
 *
 * LINE   What turns the TSC into time is a line: a moment, and the time that
 *	each tick takes, in seconds with 64 bits after the point. So a reading
 *	is a multiplication, seconds and the rest of them fall out of it, and
 *	nobody divides.
 * LOCKS  A reader takes none: (seen) is what (version) was when the line was
 *	written, and it looks at (version) last. Who writes the line has made
 *	(version) another before, or KVM has: it is KVM's where KVM says the
 *	rate, and ours elsewhere. A reader that meets a changed one, or comes
 *	past the line's limit, goes the slow way, which has it written anew.
 */
#include "plat-kvm/x86/clock.h"
#include "core/arch/x86_64/cpu.h"
#include "core/lock.h"

bool eft_kvm_clock_paravirtual;

struct eft_kvm_published eft_kvm_published = {.seen = 1};

static bool changing;

void eft_kvm_clock_start(void)
{
	eft_kvm_clock_paravirtual = eft_kvm_pvclock_init();
	if (!eft_kvm_clock_paravirtual)
		eft_kvm_tsc_start();
}

void eft_kvm_clock_join(struct eft_kvm_cpu *cpu)
{
	if (eft_kvm_clock_paravirtual)
		eft_kvm_pvclock_join(cpu);
}

bool eft_kvm_line_begin(void)
{
	eft_lock_touch_stack();
	eft_irq_off();
	if (!__atomic_exchange_n(&changing, true, __ATOMIC_ACQUIRE))
		return true;
	eft_irq_on();
	return false;
}

void eft_kvm_line_end(void)
{
	__atomic_store_n(&changing, false, __ATOMIC_RELEASE);
	eft_irq_on();
}

void eft_kvm_line_set(const struct eft_kvm_line *line, uint64_t limit,
		      uint32_t host_version)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	eft_kvm_published.line = *line;
	eft_kvm_published.limit = eft_kvm_published.differ ? 0 : limit;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!eft_kvm_clock_paravirtual)
		host_version = ++*eft_kvm_version;
	__atomic_store_n(&eft_kvm_published.seen, host_version,
			 __ATOMIC_RELEASE);
}

bool eft_kvm_line_is_of(uint32_t host_version)
{
	return __atomic_load_n(&eft_kvm_published.seen, __ATOMIC_ACQUIRE) ==
	       host_version;
}

/* The line is written anew if it is time to. */
uint64_t eft_kvm_look_again(void)
{
	unsigned __int128 time;
	uint64_t ns;

	for (;;) {
		if (eft_kvm_clock_paravirtual && !eft_kvm_pvclock_is_one() &&
		    eft_kvm_own_clock_ns)
			return eft_kvm_own_clock_ns();
		if (eft_kvm_clock_paravirtual)
			eft_kvm_pvclock_renew();
		else
			eft_kvm_tsc_renew();
		if (eft_kvm_look(false, &time))
			break;
		eft_cpu_relax();
	}
	ns = eft_kvm_whole_ns(time);
	return eft_unlikely(eft_kvm_published.differ) ? eft_kvm_newest(ns) : ns;
}

uint64_t eft_kvm_monotonic_ns(void)
{
	unsigned __int128 time;

	return eft_kvm_look(true, &time) ? eft_kvm_whole_ns(time)
					 : eft_kvm_look_again();
}

/* The TSC is read first: a pause between the two makes the timer early. */
uint64_t eft_kvm_tsc_at(uint64_t deadline_ns)
{
	uint64_t tsc = rdtsc(), now = eft_kvm_monotonic_ns();
	uint64_t hz = eft_kvm_clock_paravirtual ? eft_kvm_pvclock_hz()
						: eft_kvm_tsc_hz();
	/* A day at most: the sum cannot wrap, and who waits asks again. */
	uint64_t ns = eft_min(deadline_ns - eft_min(now, deadline_ns),
			      86400 * EFT_KVM_NS_PER_S);

	return tsc + ns / EFT_KVM_NS_PER_S * hz +
	       ns % EFT_KVM_NS_PER_S * hz / EFT_KVM_NS_PER_S;
}

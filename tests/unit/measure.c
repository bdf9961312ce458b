// SPDX-License-Identifier: BSD-3-Clause
/*
 * plat-kvm's readings of counters (plat-kvm/x86/clock.h), on a host that pauses us
 * between any two of the steps that they consist of.
 */
#include "plat-kvm/x86/clock.h"
#include "tests/unit/unit.h"

enum { RATE = 4 }; /* the counter's, of the clock's ticks */

static struct {
	uint64_t now;	/* ticks of the clock */
	unsigned steps; /* made so far */
	unsigned pause_at;
	uint64_t pause;
	unsigned jitter;
	unsigned often; /* one of so many steps is paused too, or 0 */
} host;

static void step(void)
{
	host.now += 10 + (host.jitter ? unit_random(host.jitter) : 0);
	if (host.steps++ == host.pause_at ||
	    (host.often != 0 && unit_random(host.often) == 0))
		host.now += host.pause;
}

static uint64_t clock_now(void)
{
	step();
	return host.now;
}

static void read_counter(struct eft_kvm_reading *ret)
{
	uint64_t before = clock_now();
	uint32_t count;

	step();
	count = UINT32_MAX - (uint32_t)(host.now * RATE);
	eft_kvm_set_reading(ret, before, clock_now(), count);
}

/* Ticks of the counter in 10,000 of the clock, from a first reading on. */
static uint64_t measure(uint64_t least)
{
	struct eft_kvm_reading first, last;

	read_counter(&first); /* one alone, as where a timer is started */
	do
		eft_kvm_read_best(read_counter, &last);
	while (!eft_kvm_readings_do(&first, &last) ||
	       last.at - first.at < least);
	return (first.count - last.count) * 10000ull / (last.at - first.at);
}

static void check_paused(unsigned at, uint64_t pause, unsigned jitter)
{
	uint64_t found;

	host = (typeof(host)){.pause_at = at, .pause = pause, .jitter = jitter};
	found = measure(5000);
	check(found >= RATE * 9900 && found <= RATE * 10100);
}

Test(measure, undisturbed)
{
	check_paused(UINT32_MAX, 0, 0);
	check(host.now < 20000); /* and soon */
}

Test(measure, paused)
{
	for (uint64_t pause = 1; pause < 100000000; pause *= 3)
		for (unsigned at = 0; at < 600; at++)
			check_paused(at, pause, 0);
}

Test(measure, paused_and_uneven)
{
	for (uint64_t pause = 1; pause < 100000000; pause *= 7)
		for (unsigned at = 0; at < 600; at++)
			check_paused(at, pause, 30);
}

/* A host that has much else to do. */
Test(measure, paused_often)
{
	for (unsigned i = 0; i < 3000; i++) {
		uint64_t found;

		host = (typeof(host)){.pause_at = UINT32_MAX,
				      .often = 2 + unit_random(6),
				      .pause = 1 + unit_random(20000)};
		found = measure(5000);
		check(found >= RATE * 9900 && found <= RATE * 10100);
	}
}

/* Of three readings two may be disturbed. */
Test(measure, best_of_three)
{
	for (unsigned at = 0; at < 9; at++) {
		struct eft_kvm_reading best;

		host = (typeof(host)){.pause_at = at, .pause = 1000};
		eft_kvm_read_best(read_counter, &best);
		check_eq(best.took, 20);
	}
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * All interleavings of a few threads in core's own code.
 *
 * WHAT    A scenario is some threads, each on a CPU of its own, or on any. Core
 * is compiled as ThreadSanitizer wants it, with a call before each access to
 * memory; those calls (hooks.c) are ours, and before each atomic one another
 * CPU may go on. All choices are tried, depth first, but for one bound: that
 * many times a CPU is stopped that could go on. FINDS   What a scenario says
 * must hold and does not; an assertion of core's; threads that sleep for ever;
 * a wake-up for a thread that has ended, which a program's would be freed by
 * then.
 * The report is the way there. STORES  x86's CPUs show their stores late: with
 * store buffers, a plain or releasing store is seen by others when its CPU next
 * executes an atomic read-modify-write or a fence, or sleeps (Intel SDM volume
 * 3, §8.2). Each scenario runs with such buffers and without. TIME    stands
 * still. It goes to the next deadline when all CPUs rest; in a scenario that is
 * timed, also whenever a CPU might be stopped. LIMITS  Plain accesses are no
 * point to switch at: what locks guard, and ThreadSanitizer checks
 * (tests/tsan).
 *
 * Rules
 *  - A scenario begins with core's variables as the linker left them; setup()
 *    initialises what it uses. It must not depend on anything else.
 */
#include "core/base.h"

enum { EXPLORE_THREADS = 3 };

struct explore_scenario {
	const char *name;
	void (*setup)(void);
	void (*threads[EXPLORE_THREADS])(void);
	void (*check)(void); /* when all have ended; or NULL */
	unsigned stops;	     /* the bound; one more with --long */
	enum explore_flags {
		EXPLORE_TIMED = 1,
		EXPLORE_IMPATIENT = 2, /* each look at the clock is 2 ms on */
		EXPLORE_ROAM = 4, /* threads on any CPU; there is one less */
	} flags;
};

/* The program's own; ends with one without a name. */
extern const struct explore_scenario explore_scenarios[];

/* The scenario is wrong, or what it explores, unless (good). */
#define explore_check(good) \
	((good) ? (void)0 : explore_fail(#good, __FILE__, __LINE__))
void explore_fail(const char *what, const char *file, int line);

/* The thread that runs threads[i]. */
struct eft_thread *explore_thread(unsigned i);
/* How often it was woken from sleep. */
unsigned explore_wakes(unsigned i);
/* A device's interrupt on the caller's CPU, now or when they are on. */
void explore_interrupt(void (*handler)(void));

/*
 * Between explore.c and hooks.c.
 */

/* [at, at+size) is about to be written to, by no atomic operation. */
void explore_store(void *at, unsigned size);
/* Another CPU may go on instead of the caller. */
void explore_point(void *pc);
/* The caller's stores are seen by all. */
void explore_drain(void);
/* Is a scenario on its way? */
bool explore_is_on(void);
/* Who spins may look again. */
void explore_wrote(void);

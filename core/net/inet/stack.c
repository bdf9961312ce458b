// SPDX-License-Identifier: BSD-3-Clause
/*
 * The stack's mutex, its beginning, and its thread, which polls the devices and
 * runs the timers.
 *
 * Who uses the stack does most of the work itself: what it sends goes to the
 * device before it unlocks, and so does what lo carries. The thread sleeps until
 * a device interrupts, or the next timer goes off. Whoever unlocks may have left
 * something for a timer to do, but to see what, all connections had to be asked.
 * So the next tick is set then, once, and it finds out.
 *
 * LOCKS  (starting) is for who comes first; (eft_inet_mutex) owns all else.
 */
#include <lwip/init.h>

#include "core/log.h"
#include "core/net/inet/stack.h"
#include "core/time.h"

/* A program with one thread of its own has two with this one. */
eft_needs(eft_mutex_wait);
eft_needs(eft_mutex_pass);

enum {
	STACK_ORDER = 2,
	UNTOLD_MAX = 16,    /* frames */
	UNTOLD_NS = 200000, /* how long a device is not told of them */
};

struct eft_mutex eft_inet_mutex = EFT_MUTEX_INIT(eft_inet_mutex, EFT_RANK_INET);
static struct eft_mutex starting =
	EFT_MUTEX_INIT(starting, EFT_RANK_INET_START);

static bool started, initialised; /* atomic; owned by starting */
static struct eft_thread *thread;

static struct eft_timer timer; /* wakes the thread */
static uint64_t wake_ns;       /* when it does */
static bool tick_set;	       /* and it is the next tick */
static bool idle;	       /* it is later, and the clock behind */
static bool used;	       /* since the thread has looked */

static bool told; /* a device of frames, since then */

static void wake_thread(struct eft_timer *expired)
{
	eft_inet_kick();
}

static void set_timer(uint64_t deadline_ns)
{
	eft_timer_cancel(&timer);
	wake_ns = deadline_ns;
	if (deadline_ns != EFT_FOREVER)
		eft_timer_set(&timer, deadline_ns);
}

/* What is due, and when the next is. */
static void run_clock(uint64_t now_ns)
{
	uint64_t tick_ns;

	if (idle || now_ns >= wake_ns)
		eft_inet_clock_run(now_ns);
	if (now_ns < wake_ns)
		return;
	tick_ns = eft_inet_clock_tick(now_ns);
	set_timer(eft_max(eft_inet_clock_next(), tick_ns));
	idle = wake_ns > tick_ns;
	tick_set = !idle;
}

void eft_inet_lock(void)
{
	eft_mutex_lock(&eft_inet_mutex);
	if (idle)
		eft_inet_clock_run(eft_now_ns());
	used = true;
}

void eft_inet_has_frames(void)
{
	used = true;
}

/*
 * To tell a device costs a guest more than to make a frame. Who answers many
 * connections has it told of all answers at once, by the thread, which is next
 * when there is nothing more to answer; but of the first at once, which may be
 * the only one. With several CPUs the thread would run at the same time.
 */
static bool may_wait(const struct eft_inet_interface *interface)
{
	return told && interface->untold < UNTOLD_MAX &&
	       interface->net->features & EFT_NET_DOORBELL &&
	       eft_cpus_running() == 1;
}

static void tell_later(struct eft_inet_interface *interface)
{
	eft_inet_flush_later(interface, eft_now_ns() + UNTOLD_NS);
	eft_inet_kick();
}

static void tell_devices(bool all)
{
	struct eft_inet_interface *at = NULL;

	while ((at = eft_inet_next(at)) != NULL) {
		eft_inet_send_gathered(at);
		if (at->untold == 0)
			continue;
		if (!all && may_wait(at)) {
			tell_later(at);
			continue;
		}
		eft_inet_flush(at);
		told = true;
	}
	if (all)
		told = false;
}

static void leave(bool all)
{
	eft_inet_settle_own();
	tell_devices(all);
	if (used && !tick_set) {
		tick_set = true;
		idle = false;
		set_timer(eft_min(wake_ns, eft_inet_clock_tick(eft_now_ns())));
	}
	used = false;
	eft_mutex_unlock(&eft_inet_mutex);
}

void eft_inet_unlock(void)
{
	leave(false);
}

#ifdef EFT_LOCK_CHECKS
void eft_inet_assert_locked(void)
{
	eft_assert(eft_mutex_holder(&eft_inet_mutex) != NULL);
}
#endif

static bool poll_all(void)
{
	struct eft_inet_interface *at = NULL;
	bool more = false;

	while ((at = eft_inet_next(at)) != NULL) {
		if (at->net != NULL && eft_inet_poll(at))
			more = true;
	}
	return more;
}

/* Is there more to do at once? */
static bool work(void)
{
	bool more;

	eft_mutex_lock(&eft_inet_mutex);
	run_clock(eft_now_ns());
	more = poll_all();
	leave(true);
	return more;
}

static void live(void *arg)
{
	for (;;) {
		if (work())
			eft_yield();
		else
			eft_sleep_through();
	}
}

void eft_inet_kick(void)
{
	struct eft_thread *woken = __atomic_load_n(&thread, __ATOMIC_ACQUIRE);

	if (woken != NULL)
		eft_thread_wake(woken);
}

/* Once: what stays, should the rest fail. */
static void initialise(void)
{
	uint64_t now = eft_now_ns();

	timer.expire = wake_thread;
	wake_ns = EFT_FOREVER;
	lwip_init();
	eft_inet_clock_init(now);
	eft_inet_add_lo();
	initialised = true;
}

static int start(void)
{
	struct eft_thread *created;
	int error = 0;

	/* Outside of the mutex, for this sleeps. */
	eft_net_next(NULL);
	eft_inet_lock();
	if (!initialised)
		initialise();
	error = eft_inet_add_devices();
	eft_inet_unlock();
	if (error != 0)
		return error;
	created = eft_thread_create("inet", live, NULL, STACK_ORDER);
	if (created == NULL)
		return -ENOMEM;
	__atomic_store_n(&thread, created, __ATOMIC_RELEASE);
	return 0;
}

bool eft_inet_started(void)
{
	return __atomic_load_n(&started, __ATOMIC_ACQUIRE);
}

int eft_inet_start(void)
{
	int error = 0;

	if (eft_inet_started())
		return 0;
	eft_mutex_lock(&starting);
	if (!started) {
		error = start();
		if (error == 0)
			__atomic_store_n(&started, true, __ATOMIC_RELEASE);
	}
	eft_mutex_unlock(&starting);
	return error;
}

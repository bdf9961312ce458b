// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mutexes, wait queues, sleep and timers: core/thread, core/time.
 */
#include "core/abi.h"
#include "core/thread.h"
#include "core/time.h"
#include "tests/explore/explore.h"

static struct eft_mutex mutex;
static struct eft_waitq queue;
static unsigned inside, entries, things, taken;

static void setup(void)
{
	eft_mutex_init(&mutex, EFT_RANK_NODE);
	eft_waitq_init(&queue);
}

static unsigned load(const unsigned *value)
{
	return __atomic_load_n(value, __ATOMIC_ACQUIRE);
}

/*
 * One at a time holds a mutex, all get it, and it is free in the end.
 */
static void enter(void)
{
	eft_mutex_lock(&mutex);
	explore_check(__atomic_fetch_add(&inside, 1, __ATOMIC_RELAXED) == 0);
	entries++;
	__atomic_fetch_sub(&inside, 1, __ATOMIC_RELAXED);
	eft_mutex_unlock(&mutex);
}

static void enter_twice(void)
{
	enter();
	enter();
}

static void enter_thrice(void)
{
	enter_twice();
	enter();
}

static void is_free(void)
{
	explore_check(mutex.word == 0);
	explore_check(eft_list_empty(&mutex.queue.waiters));
}

static void four_entered(void)
{
	explore_check(entries == 4);
	is_free();
}

static void three_entered(void)
{
	explore_check(entries == 3);
	is_free();
}

/*
 * Who was woken in vain, and has waited for long, is woken once more, as the
 * holder.
 */
static void pass(void)
{
	for (int i = 0; i < 4; i++)
		enter();
}

static void is_not_passed(void)
{
	enter();
	explore_check(explore_wakes(1) <= 2);
}

/*
 * A wake-up that comes while its thread waits for a mutex is not lost.
 */
static void sleep_between(void)
{
	struct eft_waiter waiter;

	eft_wait_begin(&waiter, &queue);
	while (load(&things) == 0) {
		enter();
		eft_sleep(EFT_FOREVER);
	}
	eft_wait_end(&waiter);
}

static void enter_and_wake(void)
{
	enter();
	__atomic_fetch_add(&things, 1, __ATOMIC_SEQ_CST);
	eft_waitq_wake_one(&queue);
}

/*
 * What a waker changes before it looks at the queue is seen by who is not
 * there yet.
 */
static void take_one(void)
{
	struct eft_waiter waiter;
	unsigned seen;

	eft_wait_begin(&waiter, &queue);
	do {
		while ((seen = load(&things)) == 0)
			eft_sleep(EFT_FOREVER);
	} while (!__atomic_compare_exchange_n(&things, &seen, seen - 1, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	eft_wait_end(&waiter);
	__atomic_fetch_add(&taken, 1, __ATOMIC_RELAXED);
	if (load(&things) > 0) /* left for another */
		eft_waitq_wake_one(&queue);
}

static void give_one(void)
{
	__atomic_fetch_add(&things, 1, __ATOMIC_SEQ_CST);
	eft_waitq_wake_one(&queue);
}

static void give_two(void)
{
	give_one();
	give_one();
}

static void all_taken(void)
{
	explore_check(things == 0);
	explore_check(eft_list_empty(&queue.waiters));
}

/*
 * Who sleeps until a deadline wakes by it or before, and its timer is gone.
 */
static void sleep_for_a_while(void)
{
	struct eft_waiter waiter;
	uint64_t deadline_ns = 5000;
	int error = 0;

	eft_wait_begin(&waiter, &queue);
	while (load(&things) == 0 && error == 0)
		error = eft_sleep(deadline_ns);
	eft_wait_end(&waiter);
	explore_check(error == 0 || error == -ETIMEDOUT);
	explore_check(error == 0 || eft_now_ns() >= deadline_ns);
	/* What is left is a token, not the timer. */
	explore_check(eft_sleep(deadline_ns + 100) != -EINTR);
}

/*
 * A timer that was cancelled neither runs nor will.
 */
static struct eft_timer timer;
static unsigned gone, rang;

static void ring(struct eft_timer *t)
{
	rang++;
	explore_check(load(&gone) == 0);
	explore_check(load(&gone) == 0);
}

static void set_and_sleep(void)
{
	timer.expire = ring;
	eft_timer_set(&timer, 3000);
	give_one();
	eft_sleep(6000);
}

static void cancel(void)
{
	take_one();
	eft_timer_cancel(&timer);
	__atomic_store_n(&gone, 1, __ATOMIC_SEQ_CST);
}

/*
 * A timer that is set anew on another CPU goes off once, at the new time.
 */
static uint64_t rang_ns;

static void ring_and_look(struct eft_timer *t)
{
	rang++;
	rang_ns = eft_now_ns();
}

static void set_for_soon(void)
{
	timer.expire = ring_and_look;
	eft_timer_set(&timer, 3000);
	give_one();
	eft_sleep(12000);
}

static void set_for_later(void)
{
	take_one();
	eft_timer_set(&timer, 9000);
	eft_sleep(12000);
}

static void rang_later(void)
{
	explore_check(rang == 1 && rang_ns >= 9000);
}

/*
 * Who stores, and then looks, has met another's barrier before or after it.
 */
static unsigned flags[2], saw[2];

static void look_lightly(void)
{
	__atomic_store_n(&flags[0], 1, __ATOMIC_RELAXED);
	saw[0] = __atomic_load_n(&flags[1], __ATOMIC_RELAXED);
	load(&taken); /* stopped before its store is seen */
}

static void look_after_barrier(void)
{
	__atomic_store_n(&flags[1], 1, __ATOMIC_RELAXED);
	eft_cpus_barrier();
	saw[1] = __atomic_load_n(&flags[0], __ATOMIC_RELAXED);
}

static void one_saw_the_other(void)
{
	explore_check(saw[0] || saw[1]);
}

/*
 * A thread that computes gives way to one that another CPU makes ready there,
 * and a thread runs where it may.
 */
enum { ONLY_CPU_0 = 1, ONLY_CPU_1 = 2 };

static void compute_until_taken(void)
{
	eft_thread_set_affinity(eft_current(), ONLY_CPU_1);
	while (load(&taken) == 0)
		eft_spin(0);
	explore_check(eft_cpu()->number == 1);
}

static void take_on_cpu_1(void)
{
	eft_thread_set_affinity(eft_current(), ONLY_CPU_1);
	explore_check(eft_cpu()->number == 1);
	take_one();
	explore_check(eft_cpu()->number == 1);
}

/*
 * A thread does not wait for a CPU while another has nothing to do: not for a
 * slice's end either.
 */
static void give_and_compute(void)
{
	uint64_t start_ns = eft_now_ns();

	give_one();
	while (load(&taken) == 0)
		eft_spin(0);
	explore_check(eft_now_ns() == start_ns);
}

/*
 * A thread that computes leaves a CPU which it may no longer use.
 */
static void send_to_cpu_0(void)
{
	explore_check(eft_thread_set_affinity(explore_thread(1), ONLY_CPU_0) ==
		      0);
	take_one();
}

static void compute_until_sent(void)
{
	while (eft_thread_affinity(eft_current()) != ONLY_CPU_0 ||
	       eft_cpu()->number != 0)
		eft_spin(0);
	give_one();
}

static void nothing(void)
{
}

/*
 * A thread that is interrupted does not sleep on.
 */
static unsigned interrupted;

static void sleep_until_interrupted(void)
{
	int error = 0;

	while (error == 0)
		error = eft_sleep(EFT_FOREVER);
	explore_check(error == -EINTR);
	explore_check(eft_sleep(EFT_FOREVER) ==
		      -EINTR); /* as it is still due */
	eft_thread_attended();
	while (load(&interrupted) == 0)
		eft_spin(0);
}

static void interrupt(void)
{
	eft_thread_interrupt(explore_thread(0));
	__atomic_store_n(&interrupted, 1, __ATOMIC_SEQ_CST);
}

/*
 * A signal for a thread that computes on another CPU has that one look for it
 * soon.
 */
static void compute_until_looked_for(void)
{
	while (eft_cpu()->timer_ns == EFT_FOREVER)
		eft_spin(0);
	explore_check(eft_current()->attention != 0);
	eft_thread_attended();
	while (load(&interrupted) == 0)
		eft_spin(0);
}

/* Who waits for a mutex sleeps, also while a signal is due to it. */
static void enter_signalled(void)
{
	eft_thread_interrupt(eft_current());
	enter();
	enter();
	eft_thread_attended();
}

static void five_entered(void)
{
	explore_check(entries == 5);
	is_free();
}

const struct explore_scenario explore_scenarios[] = {
	{"mutex", setup, {enter_twice, enter_twice}, four_entered, 3, 0},
	{"mutex of three", setup, {enter, enter, enter}, three_entered, 2, 0},
	{"mutex handed over",
	 setup,
	 {enter_twice, enter_twice},
	 four_entered,
	 3,
	 EXPLORE_IMPATIENT},
	{"mutex of three handed over",
	 setup,
	 {enter_thrice, enter, enter},
	 five_entered,
	 2,
	 EXPLORE_IMPATIENT},
	{"mutex not passed",
	 setup,
	 {pass, is_not_passed},
	 is_free,
	 3,
	 EXPLORE_IMPATIENT},
	{"token", setup, {sleep_between, enter_and_wake}, is_free, 3, 0},
	{"wait queue", setup, {take_one, give_one}, all_taken, 4, 0},
	{"wait queue of two",
	 setup,
	 {take_one, take_one, give_two},
	 all_taken,
	 2,
	 0},
	{"sleep with a deadline",
	 setup,
	 {sleep_for_a_while, give_one},
	 NULL,
	 3,
	 EXPLORE_TIMED},
	{"timer cancelled",
	 setup,
	 {set_and_sleep, cancel},
	 all_taken,
	 3,
	 EXPLORE_TIMED},
	{"timer set elsewhere",
	 setup,
	 {set_for_soon, set_for_later},
	 rang_later,
	 3,
	 0},
	{"barrier",
	 setup,
	 {look_lightly, look_after_barrier},
	 one_saw_the_other,
	 4,
	 0},
	{"made ready where one computes",
	 setup,
	 {give_one, compute_until_taken, take_on_cpu_1},
	 all_taken,
	 2,
	 EXPLORE_ROAM},
	{"taken by an idle CPU",
	 setup,
	 {give_and_compute, nothing, take_one},
	 all_taken,
	 2,
	 EXPLORE_ROAM},
	{"sent to another CPU",
	 setup,
	 {send_to_cpu_0, compute_until_sent, nothing},
	 all_taken,
	 2,
	 EXPLORE_ROAM},
	{"interrupted",
	 setup,
	 {sleep_until_interrupted, interrupt},
	 NULL,
	 4,
	 0},
	{"mutex and a signal",
	 setup,
	 {enter_signalled, enter_twice},
	 four_entered,
	 2,
	 0},
	{"interrupted while it computes",
	 setup,
	 {compute_until_looked_for, interrupt},
	 NULL,
	 3,
	 0},
	{"roaming over two CPUs",
	 setup,
	 {take_one, take_one, give_two},
	 all_taken,
	 2,
	 EXPLORE_ROAM},
	{"roaming for a mutex",
	 setup,
	 {enter, enter, enter},
	 three_entered,
	 2,
	 EXPLORE_ROAM | EXPLORE_IMPATIENT},
	{},
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Timers that send signals: alarm, setitimer, timer_create.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static atomic_int runs;
static siginfo_t last;
static pthread_t taker;

static void note(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	last = *info;
	taker = pthread_self();
	runs++;
}

static void handle(int signal)
{
	struct sigaction action = {.sa_sigaction = note,
				   .sa_flags = SA_SIGINFO};

	need(sigaction(signal, &action, NULL) == 0);
}

/* Compute, without a call, until it has come (count) times. */
static void compute_until(int count)
{
	while (runs < count)
		atomic_signal_fence(memory_order_seq_cst);
}

static void interval_timers(void)
{
	struct itimerval soon = {.it_value.tv_usec = 1000}, now;
	sigset_t blocked, before;

	handle(SIGALRM);
	runs = 0;
	ok(setitimer(ITIMER_REAL, &soon, NULL) == 0, "setitimer");
	compute_until(1);
	ok(last.si_signo == SIGALRM && last.si_code == SI_KERNEL,
	   "SIGALRM interrupts a loop");
	need(getitimer(ITIMER_REAL, &now) == 0);
	ok(now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0,
	   "once is enough");
	soon.it_interval.tv_usec = 1000;
	runs = 0;
	need(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	compute_until(5);
	ok(1, "and again and again with an interval");
	memset(&soon, 0, sizeof(soon));
	need(setitimer(ITIMER_REAL, &soon, &now) == 0);
	ok(now.it_interval.tv_usec == 1000, "what was set is told");
	ok(alarm(1000) == 0, "alarm");
	ok(alarm(0) == 1000, "says what was left");
	runs = 0;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	need(sigprocmask(SIG_BLOCK, &blocked, &before) == 0);
	need(ualarm(1000, 0) == 0);
	ok(sigsuspend(&before) == -1 && runs == 1, "or ends a wait");
	need(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
	fails(setitimer(3, &soon, NULL), EINVAL, "no such timer");
	soon.it_value.tv_usec = 1000000;
	fails(setitimer(ITIMER_REAL, &soon, NULL), EINVAL, "no such time");
}

static void cpu_timers(void)
{
	struct itimerval soon = {.it_value.tv_usec = 2000};

	handle(SIGVTALRM);
	handle(SIGPROF);
	runs = 0;
	need(setitimer(ITIMER_VIRTUAL, &soon, NULL) == 0);
	compute_until(1);
	ok(last.si_signo == SIGVTALRM, "ITIMER_VIRTUAL");
	runs = 0;
	need(setitimer(ITIMER_PROF, &soon, NULL) == 0);
	compute_until(1);
	ok(last.si_signo == SIGPROF, "ITIMER_PROF");
}

static timer_t create(clockid_t clock, int signal, int value)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = signal,
				 .sigev_value.sival_int = value};
	timer_t timer;

	need(timer_create(clock, &event, &timer) == 0);
	return timer;
}

static void posix_timers(void)
{
	struct itimerspec soon = {.it_value.tv_nsec = 1000000}, now,
			  none = {.it_value.tv_sec = 0};
	timer_t timer;

	handle(SIGRTMIN);
	timer = create(CLOCK_MONOTONIC, SIGRTMIN, 42);
	runs = 0;
	ok(timer_settime(timer, 0, &soon, NULL) == 0, "timer_settime");
	compute_until(1);
	ok(last.si_code == SI_TIMER && last.si_value.sival_int == 42,
	   "a signal with its value");
	ok(timer_getoverrun(timer) == 0, "on time");
	need(timer_gettime(timer, &now) == 0);
	ok(now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0,
	   "not set any more");
	need(clock_gettime(CLOCK_MONOTONIC, &soon.it_value) == 0);
	runs = 0;
	need(timer_settime(timer, TIMER_ABSTIME, &soon, NULL) == 0);
	compute_until(1);
	ok(1, "a time that is over is now");
	soon.it_value = (struct timespec){.tv_sec = 1000};
	soon.it_interval = (struct timespec){.tv_sec = 7};
	need(timer_settime(timer, 0, &soon, NULL) == 0);
	need(timer_settime(timer, 0, &none, &now) == 0);
	ok(now.it_value.tv_sec > 900 && now.it_value.tv_sec <= 1000 &&
		   now.it_interval.tv_sec == 7,
	   "what was set is told");
	ok(timer_delete(timer) == 0, "timer_delete");
	fails(timer_gettime(timer, &now), EINVAL, "it is gone");
	timer = create(CLOCK_REALTIME, SIGRTMIN, 1);
	soon = (struct itimerspec){.it_value.tv_nsec = 1000000};
	runs = 0;
	need(timer_settime(timer, 0, &soon, NULL) == 0);
	compute_until(1);
	need(timer_delete(timer) == 0);
	timer = create(CLOCK_THREAD_CPUTIME_ID, SIGRTMIN, 2);
	runs = 0;
	need(timer_settime(timer, 0, &soon, NULL) == 0);
	compute_until(1);
	ok(last.si_value.sival_int == 2, "a clock of CPU time");
	need(timer_delete(timer) == 0);
}

static void overrun(void)
{
	struct itimerspec often = {.it_value.tv_nsec = 1000,
				   .it_interval.tv_nsec = 1000};
	timer_t timer = create(CLOCK_MONOTONIC, SIGRTMIN, 3);
	sigset_t set;
	siginfo_t info;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	need(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	need(timer_settime(timer, 0, &often, NULL) == 0);
	for (volatile int i = 0; i < 1000000; i++)
		;
	ok(sigwaitinfo(&set, &info) == SIGRTMIN, "while it is blocked");
	ok(info.si_overrun > 0, "a timer overruns");
	often = (struct itimerspec){.it_value.tv_sec = 0};
	need(timer_settime(timer, 0, &often, NULL) == 0);
	need(timer_delete(timer) == 0);
	ok(sigtimedwait(&set, &info, &(struct timespec){0}) == -1,
	   "nothing of it is left");
	need(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
}

static sem_t called;
static int call_value;

static void call(union sigval value)
{
	call_value = value.sival_int;
	sem_post(&called);
}

static void by_thread(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD,
				 .sigev_notify_function = call,
				 .sigev_value.sival_int = 9};
	struct itimerspec soon = {.it_value.tv_nsec = 1000000};
	timer_t timer;

	need(sem_init(&called, 0, 0) == 0);
	need(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	need(timer_settime(timer, 0, &soon, NULL) == 0);
	while (sem_wait(&called) < 0)
		;
	ok(call_value == 9, "SIGEV_THREAD calls a function");
	need(timer_delete(timer) == 0);
}

static void errors(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = 65};
	struct itimerspec bad = {.it_value.tv_nsec = -1};
	timer_t timer;

	fails(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL,
	      "a signal that is none");
	event.sigev_notify = 77;
	fails(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL,
	      "a notification that is none");
	fails(timer_create(99, NULL, &timer), EINVAL, "a clock that is none");
	fails(timer_create(CLOCK_MONOTONIC_COARSE, NULL, &timer), EOPNOTSUPP,
	      "a clock without timers");
	need(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0);
	fails(timer_settime(timer, 0, &bad, NULL), EINVAL, "a bad time");
	bad = (struct itimerspec){.it_interval.tv_nsec = 1000000000};
	fails(timer_settime(timer, 0, &bad, NULL), EINVAL, "a bad interval");
	need(timer_delete(timer) == 0);
	ok(timer_delete(timer) != 0, "a timer that is gone");
	fails(timer_getoverrun(timer), EINVAL, "its overrun");
}

static timer_t once(int signal, long ms)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = signal};
	struct itimerspec spec = {.it_value.tv_nsec = ms * 1000000};
	timer_t timer;

	need(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	need(timer_settime(timer, 0, &spec, NULL) == 0);
	return timer;
}

/* Two of one signal wait, where one of them is a timer's. */
static void beside_another(void)
{
	struct timespec now = {.tv_sec = 0};
	timer_t first, second;
	siginfo_t info;
	sigset_t set, later, before;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigemptyset(&later);
	sigaddset(&later, SIGUSR2);
	sigaddset(&later, SIGUSR1);
	need(sigprocmask(SIG_BLOCK, &later, &before) == 0);
	sigdelset(&later, SIGUSR1);
	need(kill(getpid(), SIGUSR1) == 0 && kill(getpid(), SIGUSR1) == 0);
	first = once(SIGUSR1, 1);
	second = once(SIGUSR2, 30);
	need(sigwaitinfo(&later, &info) == SIGUSR2);
	ok(sigtimedwait(&set, &info, &now) == SIGUSR1 &&
		   info.si_code == SI_USER,
	   "one that was sent");
	ok(sigtimedwait(&set, &info, &now) == SIGUSR1 &&
		   info.si_code == SI_TIMER,
	   "the timer's, beside it");
	ok(sigtimedwait(&set, &info, &now) == -1, "and no more");
	need(timer_delete(first) == 0 && timer_delete(second) == 0);
	need(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
}

int main(void)
{
	beside_another();
	interval_timers();
	cpu_timers();
	posix_timers();
	overrun();
	by_thread();
	errors();
	return done();
}

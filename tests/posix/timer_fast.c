// SPDX-License-Identifier: BSD-3-Clause
/*
 * Timers faster than anybody can look: the program goes on, and what was missed
 * is counted as the clock says.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { MS = 1000000, S = 1000 * MS };

static long long now(void)
{
	struct timespec time;

	need(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
	return time.tv_sec * (long long)S + time.tv_nsec;
}

static struct timespec spec(long long ns)
{
	return (struct timespec){ns / S, ns % S};
}

/* Sleeps and some work: there is time for both. */
static void live(void)
{
	struct timespec nap = spec(2 * MS);
	volatile int work = 0;

	for (int i = 0; i < 3; i++) {
		need(nanosleep(&nap, NULL) == 0);
		while (work < 100000 * (i + 1))
			work++;
	}
}

static timer_t start(clockid_t clock, int notify, int signal)
{
	struct sigevent event = {.sigev_notify = notify, .sigev_signo = signal};
	struct itimerspec often = {spec(1), spec(1)};
	timer_t timer;

	need(timer_create(clock, &event, &timer) == 0);
	need(timer_settime(timer, 0, &often, NULL) == 0);
	return timer;
}

static const struct {
	const char *name;
	clockid_t clock;
} clocks[] = {
	{"the time of day", CLOCK_REALTIME},
	{"time since the boot", CLOCK_BOOTTIME},
	{"monotonic time", CLOCK_MONOTONIC},
	{"the process's time", CLOCK_PROCESS_CPUTIME_ID},
	{"the thread's time", CLOCK_THREAD_CPUTIME_ID},
};

/* Of a clock: signals that are ignored, by default or not, blocked, or none. */
static void unheard(int n)
{
	timer_t timers[4];
	sigset_t blocked, before;
	char what[80];

	need(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	need(sigprocmask(SIG_BLOCK, &blocked, &before) == 0);
	timers[0] = start(clocks[n].clock, SIGEV_SIGNAL, SIGCONT);
	timers[1] = start(clocks[n].clock, SIGEV_SIGNAL, SIGUSR1);
	timers[2] = start(clocks[n].clock, SIGEV_SIGNAL, SIGUSR2);
	timers[3] = start(clocks[n].clock, SIGEV_NONE, 0);
	live();
	for (int i = 0; i < 4; i++)
		need(timer_delete(timers[i]) == 0);
	need(signal(SIGUSR2, SIG_IGN) != SIG_ERR);
	need(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
	need(signal(SIGUSR2, SIG_DFL) != SIG_ERR);
	snprintf(what, sizeof(what), "by %s: unheard, life goes on",
		 clocks[n].name);
	ok(1, what);
}

static void interval_timers(void)
{
	static const struct {
		int which, signal;
		const char *what;
	} timers[] = {
		{ITIMER_REAL, SIGALRM, "ITIMER_REAL, ignored"},
		{ITIMER_VIRTUAL, SIGVTALRM, "ITIMER_VIRTUAL"},
		{ITIMER_PROF, SIGPROF, "ITIMER_PROF"},
	};
	struct itimerval often = {{0, 1}, {0, 1}}, never = {{0, 0}, {0, 0}};

	for (int i = 0; i < 3; i++) {
		need(signal(timers[i].signal, SIG_IGN) != SIG_ERR);
		need(setitimer(timers[i].which, &often, NULL) == 0);
		live();
		need(setitimer(timers[i].which, &never, NULL) == 0);
		ok(1, timers[i].what);
	}
}

/* What a timer of (interval) has missed when its signal is taken. */
static void overrun(long long interval, long long wait, const char *what)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGRTMIN};
	long long first = now() + 5 * MS, least, most;
	struct itimerspec at = {spec(interval), spec(first)};
	struct timespec nap = spec(MS);
	sigset_t set;
	siginfo_t info;
	timer_t timer;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	need(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	need(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	need(timer_settime(timer, TIMER_ABSTIME, &at, NULL) == 0);
	while (now() < first + wait)
		nanosleep(&nap, NULL);
	least = (now() - first) / interval;
	need(sigwaitinfo(&set, &info) == SIGRTMIN);
	most = (now() - first) / interval;
	ok(info.si_overrun >= least && info.si_overrun <= most &&
		   timer_getoverrun(timer) == info.si_overrun,
	   what);
	need(timer_delete(timer) == 0);
}

static void file(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	long long first = now(), least, most;
	struct itimerspec at = {spec(1), spec(first)};
	unsigned long long count;

	need(fd >= 0);
	need(timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL) == 0);
	live();
	least = now() - first + 1;
	need(read(fd, &count, sizeof(count)) == sizeof(count));
	most = now() - first + 1;
	ok((long long)count >= least && (long long)count <= most,
	   "a timerfd of 1 ns counts each");
	close(fd);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		unheard(i);
	interval_timers();
	overrun(10 * MS, 45 * MS, "a timer of 10 ms has missed what it has");
	overrun(MS, 7 * MS, "one of a millisecond");
	overrun(100000, 3 * MS, "of 100 us");
	overrun(1, 3 * MS, "of a nanosecond");
	file();
	return done();
}

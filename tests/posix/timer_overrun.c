// SPDX-License-Identifier: BSD-3-Clause
/*
 * How often a timer expired, and what is left of it, to the number: between
 * what the clock said before and after.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { MS = 1000000, PERIOD = 7 * MS };

static int64_t now(void)
{
	struct timespec time;

	need(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

static struct timespec time_of(int64_t ns)
{
	return (struct timespec){ns / 1000000000, ns % 1000000000};
}

static int64_t ns_of(struct timespec time)
{
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

static void sleep_until(int64_t ns)
{
	struct timespec time = time_of(ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL))
		;
}

static timer_t make_timer(int signal)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = signal};
	timer_t timer;

	need(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	return timer;
}

/* A signal is one expiration, and its overrun those that came before it. */
static void signals(void)
{
	timer_t timer = make_timer(SIGUSR1);
	int64_t start = now() + 5 * MS, before, after, total = 0;
	struct itimerspec setting = {time_of(PERIOD), time_of(start)};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	need(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	need(timer_settime(timer, TIMER_ABSTIME, &setting, NULL) == 0);
	for (int i = 1; i <= 3; i++) {
		sleep_until(start + i * 10 * PERIOD + PERIOD / 2);
		before = (now() - start) / PERIOD + 1;
		need(sigwaitinfo(&set, &info) == SIGUSR1);
		after = (now() - start) / PERIOD + 1;
		total += info.si_overrun + 1;
		ok(total >= before && total <= after,
		   "a signal and its overrun: each expiration once");
		ok(timer_getoverrun(timer) == info.si_overrun,
		   "timer_getoverrun says the same");
	}
	need(timer_delete(timer) == 0);
}

static void descriptor(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	int64_t start = now() + 5 * MS, before, after;
	struct itimerspec setting = {time_of(PERIOD), time_of(start)};
	uint64_t count, total = 0;

	need(fd >= 0 &&
	     timerfd_settime(fd, TFD_TIMER_ABSTIME, &setting, NULL) == 0);
	for (int i = 1; i <= 3; i++) {
		sleep_until(start + i * 9 * PERIOD + PERIOD / 2);
		before = (now() - start) / PERIOD + 1;
		need(read(fd, &count, sizeof(count)) == sizeof(count));
		after = (now() - start) / PERIOD + 1;
		total += count;
		ok((int64_t)total >= before && (int64_t)total <= after,
		   "a timerfd counts each expiration once");
	}
	close(fd);
}

/* What is left, of a long time too. */
static void left(void)
{
	static const int64_t times[] = {100 * MS, 4300ll * MS, 5000000ll * MS,
					4000000000ll * MS};
	timer_t timer = make_timer(SIGUSR2);

	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct itimerspec setting = {{0, 0}, time_of(times[i])};
		int64_t early = now();
		char what[60];

		need(timer_settime(timer, 0, &setting, NULL) == 0);
		need(timer_gettime(timer, &setting) == 0);
		snprintf(what, sizeof(what), "what is left of %lld ms",
			 (long long)(times[i] / MS));
		ok(ns_of(setting.it_value) <= times[i] &&
			   ns_of(setting.it_value) >=
				   times[i] - (now() - early),
		   what);
	}
	need(timer_delete(timer) == 0);
}

int main(void)
{
	signals();
	descriptor();
	left();
	return done();
}

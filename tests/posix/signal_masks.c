// SPDX-License-Identifier: BSD-3-Clause
/*
 * What is blocked while a call waits with a mask of its own, while the handler
 * that ends it runs, and afterwards: ppoll, pselect, epoll_pwait, sigsuspend,
 * and sigtimedwait, which changes nothing.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static int ends[2], epoll;
static sigset_t at_handler; /* what was blocked in the handler */
static volatile sig_atomic_t handled;
static int leaves;
static sigjmp_buf target;

static sigset_t set_of(int first, int second)
{
	sigset_t set;

	sigemptyset(&set);
	if (first)
		sigaddset(&set, first);
	if (second)
		sigaddset(&set, second);
	return set;
}

/* Exactly these two are blocked now, of those that this is about. */
static int is_set(const sigset_t *set, int first, int second)
{
	static const int all[] = {SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGHUP};
	int same = 1;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		same &= sigismember(set, all[i]) ==
			(all[i] == first || all[i] == second);
	return same;
}

static int are_blocked(int first, int second)
{
	sigset_t now;

	need(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
	return is_set(&now, first, second);
}

static int is_pending(int signal)
{
	sigset_t set;

	need(sigpending(&set) == 0);
	return sigismember(&set, signal);
}

static void handler(int signal)
{
	handled = signal;
	need(sigprocmask(SIG_BLOCK, NULL, &at_handler) == 0);
	if (leaves)
		siglongjmp(target, 1);
}

static const struct timespec moment = {.tv_nsec = 1000000};

/* Each waits with (mask), for (timeout) or for ever. */
static long call_ppoll(const sigset_t *mask, const struct timespec *timeout)
{
	struct pollfd one = {.fd = ends[0], .events = POLLIN};

	return ppoll(&one, 1, timeout, mask);
}

static long call_pselect(const sigset_t *mask, const struct timespec *timeout)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return pselect(ends[0] + 1, &set, NULL, NULL, timeout, mask);
}

static long call_epoll_pwait(const sigset_t *mask,
			     const struct timespec *timeout)
{
	struct epoll_event event;

	return epoll_pwait(epoll, &event, 1,
			   timeout ? (int)(timeout->tv_nsec / 1000000) : -1,
			   mask);
}

static long call_epoll_pwait2(const sigset_t *mask,
			      const struct timespec *timeout)
{
	struct epoll_event event;

	return syscall(441, epoll, &event, 1, timeout, mask, 8l);
}

static long call_sigsuspend(const sigset_t *mask,
			    const struct timespec *timeout)
{
	(void)timeout;
	return sigsuspend(mask);
}

static const struct way {
	const char *name;
	long (*call)(const sigset_t *mask, const struct timespec *timeout);
} ways[] = {
	{"ppoll", call_ppoll},
	{"pselect", call_pselect},
	{"epoll_pwait", call_epoll_pwait},
	{"epoll_pwait2", call_epoll_pwait2},
	{"sigsuspend", call_sigsuspend},
};

static const char *the(const struct way *way, const char *what)
{
	static char text[100];

	snprintf(text, sizeof(text), "%s: %s", way->name, what);
	return text;
}

static void block(int first, int second)
{
	sigset_t set = set_of(first, second);

	need(sigprocmask(SIG_SETMASK, &set, NULL) == 0);
}

static void times_out(const struct way *way)
{
	sigset_t mask = set_of(SIGUSR1, SIGTERM);

	block(SIGUSR2, SIGHUP);
	ok(way->call(&mask, &moment) == 0 && are_blocked(SIGUSR2, SIGHUP),
	   the(way, "in vain, and all is as before"));
}

static void has_an_event(const struct way *way)
{
	sigset_t mask = set_of(SIGTERM, 0);
	char byte;

	block(SIGUSR1, 0);
	need(write(ends[1], "x", 1) == 1);
	ok(way->call(&mask, NULL) == 1 && are_blocked(SIGUSR1, 0),
	   the(way, "an event, and all is as before"));
	handled = 0;
	need(raise(SIGUSR1) == 0);
	ok(way->call(&mask, NULL) == 1 && !handled && is_pending(SIGUSR1) &&
		   are_blocked(SIGUSR1, 0),
	   the(way, "an event comes before a signal, which waits on"));
	need(read(ends[0], &byte, 1) == 1);
}

/* SIGUSR1 is pending by now, and the mask lets it through. */
static void is_interrupted(const struct way *way)
{
	sigset_t mask = set_of(SIGTERM, 0);

	block(SIGUSR1, SIGHUP);
	if (!is_pending(SIGUSR1))
		need(raise(SIGUSR1) == 0);
	handled = 0;
	fails(way->call(&mask, NULL), EINTR,
	      the(way, "a signal that waited ends it"));
	ok(handled == SIGUSR1 && is_set(&at_handler, SIGUSR1, SIGTERM),
	   the(way, "its handler runs under the mask"));
	ok(are_blocked(SIGUSR1, SIGHUP), the(way, "and then all is as before"));
}

static void *send(void *whom)
{
	nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	need(pthread_kill(*(pthread_t *)whom, SIGUSR1) == 0);
	return NULL;
}

static void is_interrupted_later(const struct way *way)
{
	sigset_t mask = set_of(SIGTERM, 0), all, before;
	pthread_t self = pthread_self(), thread;

	block(SIGUSR1, SIGHUP);
	sigfillset(&all);
	need(sigprocmask(SIG_SETMASK, &all, &before) == 0);
	need(pthread_create(&thread, NULL, send, &self) == 0);
	need(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
	handled = 0;
	fails(way->call(&mask, NULL), EINTR,
	      the(way, "a signal that comes ends it"));
	ok(handled == SIGUSR1 && is_set(&at_handler, SIGUSR1, SIGTERM) &&
		   are_blocked(SIGUSR1, SIGHUP),
	   the(way, "under the same masks"));
	need(pthread_join(thread, NULL) == 0);
}

/* What the mask lets through is not what the caller does. */
static void stays_out(const struct way *way)
{
	sigset_t mask = set_of(SIGUSR2, 0);

	block(SIGUSR1, 0);
	need(raise(SIGUSR1) == 0);
	handled = 0;
	fails(way->call(&mask, NULL), EINTR, the(way, "one of two signals"));
	ok(handled == SIGUSR1 && !is_pending(SIGUSR1),
	   the(way, "the one that the mask allows"));
	block(SIGUSR1, SIGUSR2);
	need(raise(SIGUSR1) == 0 && raise(SIGUSR2) == 0);
	handled = 0;
	fails(way->call(&mask, NULL), EINTR, the(way, "both wait"));
	ok(handled == SIGUSR1 && is_pending(SIGUSR2),
	   the(way, "the other one waits on"));
	block(SIGUSR1, 0);
	ok(handled == SIGUSR2, the(way, "until it is unblocked"));
}

static void is_left(const struct way *way)
{
	sigset_t mask = set_of(SIGTERM, 0);

	block(SIGUSR1, SIGHUP);
	need(raise(SIGUSR1) == 0);
	leaves = 1;
	if (sigsetjmp(target, 1) == 0)
		way->call(&mask, NULL);
	leaves = 0;
	ok(are_blocked(SIGUSR1, SIGHUP), the(way, "a jump out of its handler"));
}

static void sigtimedwait_keeps_all(void)
{
	sigset_t set = set_of(SIGUSR1, SIGTERM);
	siginfo_t info;

	block(SIGUSR1, SIGHUP);
	fails(sigtimedwait(&set, &info, &moment), EAGAIN,
	      "sigtimedwait: in vain");
	ok(are_blocked(SIGUSR1, SIGHUP), "and all is as before");
	need(raise(SIGUSR1) == 0);
	ok(sigtimedwait(&set, &info, NULL) == SIGUSR1 &&
		   are_blocked(SIGUSR1, SIGHUP) && !is_pending(SIGUSR1),
	   "sigtimedwait: a signal, which is taken");
	handled = 0;
	need(raise(SIGTERM) == 0);
	ok(handled == SIGTERM && is_set(&at_handler, SIGHUP, SIGTERM) == 0 &&
		   are_blocked(SIGUSR1, SIGHUP),
	   "one that is not blocked is handled as ever");
}

/* Neither SIGKILL nor SIGSTOP can be blocked, by any mask. */
static void what_cannot_be(void)
{
	sigset_t all, now;

	sigfillset(&all);
	need(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
	need(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
	ok(!sigismember(&now, SIGKILL) && !sigismember(&now, SIGSTOP) &&
		   sigismember(&now, SIGTERM),
	   "all but SIGKILL and SIGSTOP");
	block(0, 0);
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler};
	struct epoll_event event = {.events = EPOLLIN};
	size_t last = sizeof(ways) / sizeof(ways[0]) - 1;

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	need(sigaction(SIGUSR2, &action, NULL) == 0);
	need(sigaction(SIGTERM, &action, NULL) == 0);
	need(pipe(ends) == 0);
	epoll = epoll_create1(0);
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
	for (size_t i = 0; i <= last; i++) {
		if (i < last) {
			times_out(&ways[i]);
			has_an_event(&ways[i]);
		}
		is_interrupted(&ways[i]);
		is_interrupted_later(&ways[i]);
		stays_out(&ways[i]);
		is_left(&ways[i]);
	}
	sigtimedwait_keeps_all();
	what_cannot_be();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Flags of the calls that make descriptors without a path, and of those on
 * them: what each one takes, and refuses.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "answers.h"

/* Is (fd) there, and of these flags? Closes it. */
static int has(int fd, int status, int close_on_exec)
{
	int good = fd >= 0 &&
		   (fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND)) == status &&
		   (fcntl(fd, F_GETFD) == FD_CLOEXEC) == close_on_exec;

	if (fd >= 0)
		close(fd);
	return good;
}

static void counters(void)
{
	ok(has(eventfd(0, 0), 0, 0), "eventfd");
	ok(has(eventfd(0, EFD_NONBLOCK), O_NONBLOCK, 0), "EFD_NONBLOCK");
	ok(has(eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE), 0, 1),
	   "EFD_CLOEXEC | EFD_SEMAPHORE");
	answers(syscall(SYS_eventfd2, 0, 2), EINVAL, "a flag nobody knows");
	ok(has(epoll_create1(EPOLL_CLOEXEC), 0, 1), "EPOLL_CLOEXEC");
	answers(epoll_create1(1), EINVAL, "epoll_create1: nobody knows");
	answers(syscall(SYS_epoll_create, 0), EINVAL, "epoll_create of none");
	answers(syscall(SYS_epoll_create, -1), EINVAL, "of -1");
}

static void timers(void)
{
	static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC,
				     CLOCK_BOOTTIME};
	static const int others[] = {CLOCK_PROCESS_CPUTIME_ID,
				     CLOCK_THREAD_CPUTIME_ID,
				     CLOCK_MONOTONIC_RAW,
				     CLOCK_REALTIME_COARSE,
				     CLOCK_MONOTONIC_COARSE,
				     99,
				     -1};
	struct itimerspec none = {0};
	int fd = timerfd_create(CLOCK_MONOTONIC, 0), all = 1;

	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		all &= has(timerfd_create(clocks[i], TFD_NONBLOCK), O_NONBLOCK,
			   0);
	ok(all, "timerfd_create of three clocks");
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		all &= timerfd_create(others[i], 0) == -1 && errno == EINVAL;
	ok(all, "of no other");
	answers(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL,
		"a flag nobody knows");
	answers(timerfd_settime(fd, 0, &none, NULL), 0, "timerfd_settime");
	answers(timerfd_settime(fd, TFD_TIMER_CANCEL_ON_SET, &none, NULL), 0,
		"TFD_TIMER_CANCEL_ON_SET means nothing here");
	answers(timerfd_settime(fd, 4, &none, NULL), EINVAL,
		"a flag nobody knows");
	none.it_value.tv_nsec = 1000000000;
	answers(timerfd_settime(fd, 0, &none, NULL), EINVAL,
		"a second of nanoseconds");
	close(fd);
}

static void signals(void)
{
	unsigned long mask = 0;

	ok(has(syscall(SYS_signalfd4, -1, &mask, 8L, SFD_NONBLOCK), O_NONBLOCK,
	       0),
	   "signalfd: SFD_NONBLOCK");
	answers(syscall(SYS_signalfd4, -1, &mask, 8L, 1), EINVAL,
		"a flag nobody knows");
	answers(syscall(SYS_signalfd4, -1, &mask, 4L, 0), EINVAL,
		"a mask of 4 bytes");
	answers(syscall(SYS_signalfd4, 999, &mask, 8L, 0), EBADF,
		"of no descriptor");
	answers(syscall(SYS_signalfd4, 1, &mask, 8L, 0), EINVAL,
		"of another kind of descriptor");
}

static void pipes(void)
{
	int ends[2];

	ok(pipe2(ends, O_CLOEXEC) == 0 && has(ends[0], 0, 1) &&
		   has(ends[1], 0, 1),
	   "pipe2: O_CLOEXEC");
	ok(pipe2(ends, O_NONBLOCK) == 0 && has(ends[0], O_NONBLOCK, 0) &&
		   has(ends[1], O_NONBLOCK, 0),
	   "O_NONBLOCK");
	answers(pipe2(ends, O_APPEND), EINVAL, "a flag it does not take");
	answers(pipe2(ends, 1), EINVAL, "a flag nobody knows");
}

static void sockets(void)
{
	int pair[2], listener;

	ok(has(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
	       O_NONBLOCK, 1),
	   "socket: SOCK_NONBLOCK | SOCK_CLOEXEC");
	answers(socket(AF_UNIX, SOCK_STREAM | 0x100, 0), EINVAL,
		"a flag nobody knows");
	answers(socket(AF_UNIX, 99, 0), EINVAL, "a type nobody knows");
	answers(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT,
		"a type it has not");
	answers(socket(AF_UNIX, 0, 0), ESOCKTNOSUPPORT, "no type");
	answers(socket(AF_UNIX, SOCK_STREAM, 2), EPROTONOSUPPORT,
		"a protocol it has not");
	answers(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT, "no such family");
	answers(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT, "family -1");
	answers(socketpair(AF_UNIX, SOCK_STREAM | 0x100, 0, pair), EINVAL,
		"socketpair: a flag nobody knows");
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	need(listener >= 0);
	answers(accept4(listener, NULL, NULL, 1), EINVAL,
		"accept4: a flag nobody knows");
	answers(listen(listener, 1), EINVAL, "listen without a name");
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	answers(shutdown(pair[0], 3), EINVAL, "shutdown: a way nobody knows");
	answers(shutdown(pair[0], -1), EINVAL, "-1");
	answers(recv(pair[0], &listener, 1, MSG_DONTWAIT), EAGAIN,
		"MSG_DONTWAIT");
	answers(recv(pair[0], &listener, 1, MSG_ERRQUEUE | MSG_DONTWAIT),
		EAGAIN, "MSG_ERRQUEUE: there is none");
	answers(send(pair[0], "x", 1, MSG_OOB << 20 | MSG_NOSIGNAL), 0,
		"send: a flag nobody knows is ignored");
	close(pair[0]);
	close(pair[1]);
	close(listener);
}

static void epolls(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(0), counter = eventfd(0, 0);
	char mask[8] = {0};

	need(epoll >= 0 && counter >= 0);
	answers(epoll_ctl(epoll, 9, counter, &event), EINVAL,
		"epoll_ctl: an operation nobody knows");
	answers(epoll_ctl(epoll, 9, 999, &event), EBADF, "of no descriptor");
	event.events = EPOLLIN | EPOLLEXCLUSIVE;
	answers(epoll_ctl(epoll, EPOLL_CTL_MOD, counter, &event), EINVAL,
		"EPOLLEXCLUSIVE is for adding");
	event.events = EPOLLEXCLUSIVE | EPOLLONESHOT;
	answers(epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &event), EINVAL,
		"and not with EPOLLONESHOT");
	answers(epoll_wait(epoll, &event, 0, 0), EINVAL, "room for none");
	answers(epoll_wait(epoll, &event, -1, 0), EINVAL, "for -1");
	answers(epoll_wait(epoll, &event, 0x7fffffff, 0), EINVAL,
		"for 2^31 - 1");
	answers(syscall(SYS_epoll_pwait, epoll, &event, 1, 0, mask, 4L), EINVAL,
		"a mask of 4 bytes");
	answers(syscall(SYS_epoll_pwait, epoll, &event, 1, 0, NULL, 4L), 0,
		"no mask of 4 bytes");
	close(epoll);
	close(counter);
}

static void random_bytes(void)
{
	char bytes[8];

	ok(getrandom(bytes, 8, GRND_NONBLOCK | GRND_RANDOM) == 8,
	   "getrandom: GRND_NONBLOCK | GRND_RANDOM");
	answers(getrandom(bytes, 8, 8), EINVAL, "a flag nobody knows");
	answers(getrandom(bytes, 8, GRND_RANDOM | 4), EINVAL,
		"GRND_RANDOM | GRND_INSECURE");
	ok(getrandom(bytes, 8, 4) == 8, "GRND_INSECURE");
	ok(getrandom(bytes, 0, 0) == 0, "of none");
}

int main(void)
{
	counters();
	timers();
	signals();
	pipes();
	sockets();
	epolls();
	random_bytes();
	return done();
}

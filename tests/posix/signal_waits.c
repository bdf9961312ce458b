// SPDX-License-Identifier: BSD-3-Clause
/*
 * A handler ends each wait that has an end of its own by EINTR, SA_RESTART or
 * not (signal(7)), and a call that was ended so says what is left. Here are the
 * waits that signal_interrupts has not.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "futex.h"

enum { HOUR = 3600 };

/* futex(2) */
enum { FUTEX_WAIT = 0, FUTEX_WAIT_BITSET = 9, FUTEX_CLOCK_REALTIME = 256 };

static int ends[2], epoll;
static unsigned word;
static atomic_int over, handled;

static void handler(int signal)
{
	(void)signal;
	handled++;
}

static struct timespec in_an_hour(clockid_t clock)
{
	struct timespec time;

	need(clock_gettime(clock, &time) == 0);
	time.tv_sec += HOUR;
	return time;
}

static const struct timespec hour = {.tv_sec = HOUR};

static long futex_wait(int op, const struct timespec *time)
{
	return syscall(SYS_futex, &word, op, 0, time, NULL, ~0u);
}

static long call_futex(void)
{
	return futex_wait(WAIT, &hour);
}

static long call_futex_until(void)
{
	struct timespec end = in_an_hour(CLOCK_MONOTONIC);

	return futex_wait(WAIT_BITSET, &end);
}

static long call_futex_until_date(void)
{
	struct timespec end = in_an_hour(CLOCK_REALTIME);

	return futex_wait(WAIT_BITSET | REALTIME, &end);
}

/* What is left to sleep is what was not slept. */
static long call_nanosleep(void)
{
	struct timespec left = {0};
	long result = nanosleep(&hour, &left);

	return result == -1 && left.tv_sec >= HOUR - 600 && left.tv_sec <= HOUR
		       ? -1
		       : 0;
}

static long call_clock_nanosleep(void)
{
	struct timespec left = {0};
	int error = clock_nanosleep(CLOCK_REALTIME, 0, &hour, &left);

	errno = error;
	return error && left.tv_sec >= HOUR - 600 && left.tv_sec <= HOUR ? -1
									 : 0;
}

static long call_clock_nanosleep_until(void)
{
	struct timespec end = in_an_hour(CLOCK_MONOTONIC), left = {1, 2};
	int error =
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, &left);

	errno = error;
	return error && left.tv_sec == 1 && left.tv_nsec == 2 ? -1 : 0;
}

static long call_poll(void)
{
	struct pollfd one = {.fd = ends[0], .events = POLLIN};

	return poll(&one, 1, HOUR * 1000);
}

static long call_poll_of_nothing(void)
{
	return poll(NULL, 0, -1);
}

static long call_ppoll(void)
{
	struct pollfd one = {.fd = ends[0], .events = POLLIN};

	return ppoll(&one, 1, &hour, NULL);
}

static long call_select(void)
{
	struct timeval time = {.tv_sec = HOUR};

	return select(0, NULL, NULL, NULL, &time);
}

static long call_pselect(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return pselect(ends[0] + 1, &set, NULL, NULL, &hour, NULL);
}

static long call_epoll_wait(void)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, HOUR * 1000);
}

static long call_epoll_pwait(void)
{
	struct epoll_event event;

	return epoll_pwait(epoll, &event, 1, -1, NULL);
}

/* musl's own waits again (src/signal/sigtimedwait.c). */
static long sigtimedwait_once(const struct timespec *time)
{
	unsigned long set = 1ul << (SIGUSR2 - 1);

	return syscall(SYS_rt_sigtimedwait, &set, NULL, time, sizeof(set));
}

static long call_sigtimedwait(void)
{
	return sigtimedwait_once(&hour);
}

static long call_sigwaitinfo(void)
{
	return sigtimedwait_once(NULL);
}

static long call_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return sigsuspend(&none);
}

static long call_pause(void)
{
	return pause();
}

static void be_patient(int fd, int option)
{
	struct timeval time = {.tv_sec = HOUR};

	need(setsockopt(fd, SOL_SOCKET, option, &time, sizeof(time)) == 0);
}

static void fill(int fd)
{
	static const char block[4096];

	while (send(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		continue;
}

static long call_recv(void)
{
	char byte;

	be_patient(ends[0], SO_RCVTIMEO);
	return recv(ends[0], &byte, 1, 0);
}

static long call_recvmsg(void)
{
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	be_patient(ends[0], SO_RCVTIMEO);
	return recvmsg(ends[0], &message, 0);
}

static long call_recvmmsg(void)
{
	char byte;
	struct iovec iov = {&byte, 1};
	struct mmsghdr message = {
		.msg_hdr = {.msg_iov = &iov, .msg_iovlen = 1}};

	be_patient(ends[0], SO_RCVTIMEO);
	return recvmmsg(ends[0], &message, 1, 0, NULL);
}

static long call_send(void)
{
	be_patient(ends[1], SO_SNDTIMEO);
	fill(ends[1]);
	return send(ends[1], "x", 1, 0);
}

static long call_sendmsg(void)
{
	struct iovec iov = {"x", 1};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	be_patient(ends[1], SO_SNDTIMEO);
	fill(ends[1]);
	return sendmsg(ends[1], &message, 0);
}

static long call_accept(void)
{
	struct sockaddr_un address = {AF_UNIX, "listener"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	long result;

	need(bind(fd, (void *)&address, sizeof(address)) == 0);
	need(listen(fd, 1) == 0);
	be_patient(fd, SO_RCVTIMEO);
	result = accept(fd, NULL, NULL);
	close(fd);
	unlink("listener");
	return result;
}

static const struct wait {
	const char *name;
	long (*call)(void);
} waits[] = {
	{"FUTEX_WAIT", call_futex},
	{"FUTEX_WAIT_BITSET", call_futex_until},
	{"FUTEX_WAIT_BITSET by the time of day", call_futex_until_date},
	{"nanosleep, and what is left", call_nanosleep},
	{"clock_nanosleep, and what is left", call_clock_nanosleep},
	{"clock_nanosleep until then", call_clock_nanosleep_until},
	{"poll", call_poll},
	{"poll of nothing", call_poll_of_nothing},
	{"ppoll", call_ppoll},
	{"select", call_select},
	{"pselect", call_pselect},
	{"epoll_wait", call_epoll_wait},
	{"epoll_pwait", call_epoll_pwait},
	{"sigtimedwait", call_sigtimedwait},
	{"sigwaitinfo", call_sigwaitinfo},
	{"sigsuspend", call_sigsuspend},
	{"pause", call_pause},
	{"recv", call_recv},
	{"recvmsg", call_recvmsg},
	{"recvmmsg", call_recvmmsg},
	{"send", call_send},
	{"sendmsg", call_sendmsg},
	{"accept", call_accept},
};

/* Again and again: the first may come before the wait. */
static void *disturb(void *whom)
{
	const struct timespec moment = {.tv_nsec = 5000000};

	while (!over) {
		nanosleep(&moment, NULL);
		if (!over)
			pthread_kill(*(pthread_t *)whom, SIGUSR1);
	}
	return NULL;
}

static void ended(const struct wait *wait, int flags, const char *how)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	pthread_t self = pthread_self(), thread;
	struct epoll_event event = {.events = EPOLLIN};
	sigset_t blocked, before;
	char what[100];
	long result;
	int error, ran;

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	epoll = epoll_create1(0);
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
	need(sigaction(SIGUSR1, &action, NULL) == 0);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	over = 0;
	need(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
	need(pthread_create(&thread, NULL, disturb, &self) == 0);
	need(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	handled = 0;
	result = wait->call();
	error = errno;
	ran = handled;
	over = 1;
	need(pthread_join(thread, NULL) == 0);
	close(ends[0]);
	close(ends[1]);
	close(epoll);
	errno = error;
	snprintf(what, sizeof(what), "%s: ended%s", wait->name, how);
	ok(result == -1 && error == EINTR && ran > 0, what);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		ended(&waits[i], 0, "");
		ended(&waits[i], SA_RESTART, ", by SA_RESTART too");
	}
	return done();
}

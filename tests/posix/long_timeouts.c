// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waits with a long timeout end by what they wait for, and not by a time that
 * was cut to fewer bits: 4300 ms are 5 ms more than 2^32 ns, for one. Waits
 * with a short one last as long as that.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "futex.h"

enum { MS = 1000000, NAP_MS = 50 };
enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1 }; /* futex(2) */

static int ends[2], epoll;
static uint32_t word;
static sem_t semaphore;
static pthread_t waiter;
static struct timespec timeout; /* for all */

static long long now_ms(void)
{
	struct timespec time;

	need(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
	return time.tv_sec * 1000ll + time.tv_nsec / MS;
}

static int timeout_ms(void)
{
	if (timeout.tv_sec > INT_MAX / 1000 - 1)
		return INT_MAX;
	return (int)(timeout.tv_sec * 1000 + timeout.tv_nsec / MS);
}

static struct timespec end_by(clockid_t clock)
{
	struct timespec end;

	need(clock_gettime(clock, &end) == 0);
	end.tv_nsec += timeout.tv_nsec;
	end.tv_sec += timeout.tv_sec + end.tv_nsec / (1000 * MS);
	end.tv_nsec %= 1000 * MS;
	return end;
}

static long use_poll(void)
{
	struct pollfd one = {.fd = ends[0], .events = POLLIN};

	return poll(&one, 1, timeout_ms()) == 1;
}

static long use_ppoll(void)
{
	struct pollfd one = {.fd = ends[0], .events = POLLIN};

	return ppoll(&one, 1, &timeout, NULL) == 1;
}

static long use_select(void)
{
	struct timeval time = {timeout.tv_sec, timeout.tv_nsec / 1000};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return select(ends[0] + 1, &set, NULL, NULL, &time) == 1;
}

/* The call itself takes more of them than there are in a second. */
static long use_microseconds(void)
{
	struct timeval time = {.tv_usec = timeout.tv_sec * 1000000 +
					  timeout.tv_nsec / 1000};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return syscall(SYS_select, ends[0] + 1, &set, NULL, NULL, &time) == 1;
}

static long use_pselect(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return pselect(ends[0] + 1, &set, NULL, NULL, &timeout, NULL) == 1;
}

static long use_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, timeout_ms()) == 1;
}

static long use_recv(void)
{
	struct timeval time = {timeout.tv_sec, timeout.tv_nsec / 1000};
	char byte;

	need(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &time,
			sizeof(time)) == 0);
	return recv(ends[0], &byte, 1, MSG_PEEK) == 1;
}

static long use_futex(void)
{
	return syscall(SYS_futex, &word, WAIT, 0, &timeout, NULL, 0) == 0 ||
	       errno == EAGAIN;
}

static long use_sem(void)
{
	struct timespec end = end_by(CLOCK_REALTIME);

	return sem_timedwait(&semaphore, &end) == 0;
}

static long use_sigtimedwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigtimedwait(&set, NULL, &timeout) == SIGUSR1;
}

static const struct way {
	const char *name;
	long (*wait)(void);
} ways[] = {
	{"poll", use_poll},
	{"ppoll", use_ppoll},
	{"select", use_select},
	{"select by microseconds", use_microseconds},
	{"pselect", use_pselect},
	{"epoll_wait", use_epoll},
	{"recv", use_recv},
	{"FUTEX_WAIT", use_futex},
	{"sem_timedwait", use_sem},
	{"sigtimedwait", use_sigtimedwait},
};

/* What all wait for. */
static void *release(void *arg)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * MS};

	nanosleep(&nap, NULL);
	need(write(ends[1], "x", 1) == 1);
	__atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &word, WAKE, 1, NULL, NULL, 0);
	need(sem_post(&semaphore) == 0);
	need(pthread_kill(waiter, SIGUSR1) == 0);
	return arg;
}

static void forget(void)
{
	char byte;
	sigset_t set;

	need(read(ends[0], &byte, 1) == 1);
	word = 0;
	while (sem_trywait(&semaphore) == 0)
		;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigtimedwait(&set, NULL, &(struct timespec){0});
}

static void is_released(const struct way *way, const char *when)
{
	pthread_t thread;
	char what[80];
	long came;

	need(pthread_create(&thread, NULL, release, NULL) == 0);
	came = way->wait();
	need(pthread_join(thread, NULL) == 0);
	snprintf(what, sizeof(what), "%s, %s at most", way->name, when);
	ok(came, what);
	forget();
}

static void lasts(const struct way *way, int ms)
{
	long long start = now_ms(), took;
	char what[80];
	long came = way->wait();

	took = now_ms() - start;
	snprintf(what, sizeof(what), "%s in vain: %d ms at least", way->name,
		 ms);
	/* The time of day may be slewed a little against the other. */
	ok(!came && took >= ms - 1, what);
}

static void is_long(const char *when, time_t seconds, long ns)
{
	timeout = (struct timespec){seconds, ns};
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		is_released(&ways[i], when);
}

int main(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	sigset_t set;

	waiter = pthread_self();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	need(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
	need(sem_init(&semaphore, 0, 0) == 0);
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	epoll = epoll_create1(0);
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
	is_long("2^32 ns and some", 4, 300 * MS);
	is_long("an hour", 3600, 0);
	is_long("2^31 ms and some", 2147484, 0);
	is_long("2^32 s", 1l << 32, 0);
	timeout = (struct timespec){.tv_nsec = 30 * MS};
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		lasts(&ways[i], 30);
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a thread waits for happens, and then a signal comes, before the thread
 * has run: the call tells of what happened, and not of EINTR.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "futex.h"

enum { ROUNDS = 30 };

static int ends[2], epoll, holder, file;
static atomic_int starts;
static unsigned word;
static char bytes[4096];

static void handler(int signal)
{
	(void)signal;
}

static void make_pipe(void)
{
	need(pipe(ends) == 0);
}

static void write_byte(void)
{
	need(write(ends[1], "x", 1) == 1);
}

static long call_poll(void)
{
	struct pollfd one = {.fd = ends[0], .events = POLLIN};

	return poll(&one, 1, -1);
}

static long call_ppoll(void)
{
	struct pollfd one = {.fd = ends[0], .events = POLLIN};
	struct timespec hour = {.tv_sec = 3600};
	sigset_t none;

	sigemptyset(&none);
	return ppoll(&one, 1, &hour, &none);
}

/* More than one block of poll()'s. */
static long call_long_poll(void)
{
	struct pollfd many[100];

	for (int i = 0; i < 100; i++)
		many[i] = (struct pollfd){.fd = -1};
	many[99] = (struct pollfd){.fd = ends[0], .events = POLLIN};
	return poll(many, 100, -1);
}

static long call_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return select(ends[0] + 1, &set, NULL, NULL, NULL);
}

static long call_pselect(void)
{
	sigset_t none;
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	sigemptyset(&none);
	return pselect(ends[0] + 1, &set, NULL, NULL, NULL, &none);
}

static void make_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN};

	make_pipe();
	epoll = epoll_create1(0);
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
}

static long call_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, -1);
}

static long call_read(void)
{
	char byte;

	return read(ends[0], &byte, 1);
}

static void make_full_pipe(void)
{
	make_pipe();
	need(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	while (write(ends[1], bytes, sizeof(bytes)) > 0)
		;
	need(fcntl(ends[1], F_SETFL, 0) == 0);
}

static void read_all(void)
{
	need(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
	while (read(ends[0], bytes, sizeof(bytes)) > 0)
		;
}

static long call_write(void)
{
	return write(ends[1], "x", 1);
}

static void make_eventfd(void)
{
	ends[0] = eventfd(0, 0);
	ends[1] = dup(ends[0]);
}

static void add_one(void)
{
	need(eventfd_write(ends[1], 1) == 0);
}

static long call_eventfd(void)
{
	eventfd_t value = 0;

	return eventfd_read(ends[0], &value) == 0 ? (long)value : -1;
}

static void make_datagrams(void)
{
	need(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
}

static void make_full_stream(void)
{
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	while (send(ends[1], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static const struct sockaddr_un name = {AF_UNIX, "listener"};

static void make_listener(void)
{
	unlink(name.sun_path);
	ends[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	ends[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	need(bind(ends[0], (const void *)&name, sizeof(name)) == 0);
	need(listen(ends[0], 1) == 0);
}

static void connect_it(void)
{
	need(connect(ends[1], (const void *)&name, sizeof(name)) == 0);
}

static long call_accept(void)
{
	file = accept(ends[0], NULL, NULL);
	return file >= 0 ? 1 : -1;
}

static sigset_t other;

static void make_signalfd(void)
{
	ends[0] = signalfd(-1, &other, 0);
	need(ends[0] >= 0);
}

static void send_other(void)
{
	need(kill(getpid(), SIGUSR2) == 0);
}

static long call_signalfd(void)
{
	struct signalfd_siginfo info;

	return read(ends[0], &info, sizeof(info)) == sizeof(info) ? 1 : -1;
}

static void make_nothing(void)
{
}

static long call_sigwaitinfo(void)
{
	return sigwaitinfo(&other, NULL) == SIGUSR2 ? 1 : -1;
}

static void make_locked(void)
{
	holder = open("locked", O_RDWR | O_CREAT, 0600);
	file = open("locked", O_RDWR);
	need(holder >= 0 && file >= 0 && flock(holder, LOCK_EX) == 0);
}

static void unlock(void)
{
	need(flock(holder, LOCK_UN) == 0);
}

static long call_flock(void)
{
	return flock(file, LOCK_EX) == 0 ? 1 : -1;
}

static void make_record(void)
{
	struct flock all = {.l_type = F_WRLCK};

	make_locked();
	need(fcntl(holder, F_OFD_SETLK, &all) == 0);
}

static void unlock_record(void)
{
	struct flock all = {.l_type = F_UNLCK};

	need(fcntl(holder, F_OFD_SETLK, &all) == 0);
}

static long call_fcntl(void)
{
	struct flock all = {.l_type = F_WRLCK};

	return fcntl(file, F_OFD_SETLKW, &all) == 0 ? 1 : -1;
}

static void make_word(void)
{
	word = 0;
}

static void wake_word(void)
{
	__atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
	futex(&word, WAKE, 1, 0, NULL, 0);
}

/* It may not have begun to wait. */
static long call_futex(void)
{
	return futex(&word, WAIT, 0, 0, NULL, 0) == 0 || errno == EAGAIN ? 1
									 : -1;
}

static const struct way {
	const char *name;
	void (*make)(void);
	long (*call)(void); /* 1: as it should be */
	void (*happen)(void);
} ways[] = {
	{"poll", make_pipe, call_poll, write_byte},
	{"ppoll with a mask", make_pipe, call_ppoll, write_byte},
	{"poll of many", make_pipe, call_long_poll, write_byte},
	{"select", make_pipe, call_select, write_byte},
	{"pselect with a mask", make_pipe, call_pselect, write_byte},
	{"epoll_wait", make_epoll, call_epoll, write_byte},
	{"read of a pipe", make_pipe, call_read, write_byte},
	{"write to a full pipe", make_full_pipe, call_write, read_all},
	{"read of an eventfd", make_eventfd, call_eventfd, add_one},
	{"read of a datagram", make_datagrams, call_read, write_byte},
	{"write to a full stream", make_full_stream, call_write, read_all},
	{"accept", make_listener, call_accept, connect_it},
	{"read of a signalfd", make_signalfd, call_signalfd, send_other},
	{"sigwaitinfo", make_nothing, call_sigwaitinfo, send_other},
	{"flock", make_locked, call_flock, unlock},
	{"fcntl(F_OFD_SETLKW)", make_record, call_fcntl, unlock_record},
	{"futex", make_word, call_futex, wake_word},
};

static long result;

static void *wait_for_it(void *arg)
{
	const struct way *way = arg;

	starts = 1;
	result = way->call();
	if (result != 1)
		printf("# %s: %ld, errno %d\n", way->name, result, errno);
	return NULL;
}

static void tidy(void)
{
	int *all[] = {&ends[0], &ends[1], &epoll, &holder, &file};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (*all[i] > 0)
			close(*all[i]);
		*all[i] = 0;
	}
}

static int once(const struct way *way)
{
	pthread_t thread;

	starts = 0;
	way->make();
	need(pthread_create(&thread, NULL, wait_for_it, (void *)way) == 0);
	while (!starts)
		usleep(100);
	usleep(200); /* it is likely to wait by now, and need not */
	way->happen();
	pthread_kill(thread, SIGUSR1);
	need(pthread_join(thread, NULL) == 0);
	tidy();
	return result == 1;
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler};

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	sigemptyset(&other);
	sigaddset(&other, SIGUSR2);
	need(sigprocmask(SIG_BLOCK, &other, NULL) == 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int good = 0;

		for (int n = 0; n < ROUNDS; n++)
			good += once(&ways[i]);
		ok(good == ROUNDS, ways[i].name);
	}
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a handler does to the calls that wait (signal(7), "Interruption of
 * system calls"): without SA_RESTART each ends with EINTR, with it most go on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { HANDLED_WHILE_IT_WAITS = 12 };

/* What a case works on: two descriptors, made anew for each try. */
static int here, there;
static sem_t semaphore;
static atomic_int handled, ended, result, error;

static void handler(int signal)
{
	(void)signal;
	handled++;
}

static void fill(int fd)
{
	static const char block[4096];

	need(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	while (write(fd, block, sizeof(block)) > 0)
		continue;
	need(errno == EAGAIN && fcntl(fd, F_SETFL, 0) == 0);
}

static void empty(int fd)
{
	char block[4096];

	need(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	while (read(fd, block, sizeof(block)) > 0)
		continue;
}

static void make_pipe(void)
{
	int ends[2];

	need(pipe(ends) == 0);
	here = ends[0], there = ends[1];
}

static void make_full_pipe(void)
{
	make_pipe();
	fill(there);
}

static void make_fifo(void)
{
	need(mkfifo("fifo", 0600) == 0);
	here = there = -1;
}

static void make_eventfd(void)
{
	here = eventfd(0, 0);
	there = dup(here);
	need(here >= 0 && there >= 0);
}

static void make_full_eventfd(void)
{
	uint64_t most = UINT64_MAX - 1;

	make_eventfd();
	need(write(here, &most, sizeof(most)) == sizeof(most));
}

static void make_timerfd(void)
{
	here = timerfd_create(CLOCK_MONOTONIC, 0);
	there = dup(here);
	need(here >= 0 && there >= 0);
}

static void make_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN};

	there = eventfd(0, 0);
	here = epoll_create1(0);
	need(epoll_ctl(here, EPOLL_CTL_ADD, there, &event) == 0);
}

static void make_locked(void)
{
	struct flock whole = {.l_type = F_WRLCK};

	here = open("locked", O_RDWR | O_CREAT, 0600);
	there = open("locked", O_RDWR);
	need(flock(there, LOCK_EX) == 0);
	need(fcntl(there, F_OFD_SETLK, &whole) == 0);
}

static void make_sockets(int type)
{
	int ends[2];

	need(socketpair(AF_UNIX, type, 0, ends) == 0);
	here = ends[0], there = ends[1];
}

static void make_streams(void)
{
	make_sockets(SOCK_STREAM);
}

static void make_full_streams(void)
{
	make_streams();
	fill(there);
}

static void make_datagrams(void)
{
	make_sockets(SOCK_DGRAM);
}

static void make_streams_with_patience(void)
{
	struct timeval hour = {.tv_sec = 3600};

	make_streams();
	need(setsockopt(here, SOL_SOCKET, SO_RCVTIMEO, &hour, sizeof(hour)) ==
	     0);
}

static const struct sockaddr_un address = {AF_UNIX, "listener"};

static void make_listener(void)
{
	here = socket(AF_UNIX, SOCK_STREAM, 0);
	there = socket(AF_UNIX, SOCK_STREAM, 0);
	need(bind(here, (const void *)&address, sizeof(address)) == 0);
	need(listen(here, 1) == 0);
}

static void make_semaphore(void)
{
	need(sem_init(&semaphore, 0, 0) == 0);
	here = there = -1;
}

static void make_nothing(void)
{
	here = there = -1;
}

static long call_read(void)
{
	uint64_t word;

	return read(here, &word, sizeof(word)) > 0 ? 0 : -1;
}

static long call_write(void)
{
	uint64_t word = 1;

	return write(there, &word, sizeof(word)) == sizeof(word) ? 0 : -1;
}

static long call_open(void)
{
	int fd = open("fifo", O_RDONLY);

	return fd < 0 ? fd : close(fd);
}

static long call_flock(void)
{
	return flock(here, LOCK_EX);
}

static long call_fcntl(void)
{
	struct flock whole = {.l_type = F_WRLCK};

	return fcntl(here, F_OFD_SETLKW, &whole);
}

static long call_accept(void)
{
	int fd = accept(here, NULL, NULL);

	return fd < 0 ? fd : close(fd);
}

static long call_sem_wait(void)
{
	return sem_wait(&semaphore);
}

static long call_poll(void)
{
	struct pollfd one = {.fd = here, .events = POLLIN};

	return poll(&one, 1, -1) == 1 ? 0 : -1;
}

static long call_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(here, &set);
	return select(here + 1, &set, NULL, NULL, NULL) == 1 ? 0 : -1;
}

static long call_epoll_wait(void)
{
	struct epoll_event event;

	return epoll_wait(here, &event, 1, -1) == 1 ? 0 : -1;
}

static long call_nanosleep(void)
{
	struct timespec hour = {.tv_sec = 3600};

	return nanosleep(&hour, NULL);
}

static void release_by_write(void)
{
	uint64_t word = 1;

	need(write(there, &word, sizeof(word)) == sizeof(word));
}

static void release_by_reading(void)
{
	empty(here);
}

static void release_fifo(void)
{
	here = open("fifo", O_WRONLY);
	need(here >= 0);
}

static void release_timer(void)
{
	struct itimerspec soon = {.it_value.tv_nsec = 1};

	need(timerfd_settime(there, 0, &soon, NULL) == 0);
}

static void release_lock(void)
{
	close(there);
	there = -1;
}

static void release_by_connecting(void)
{
	need(connect(there, (const void *)&address, sizeof(address)) == 0);
}

static void release_semaphore(void)
{
	need(sem_post(&semaphore) == 0);
}

/* Those without (release) end with EINTR, whatever SA_RESTART says. */
static const struct waiting {
	const char *name;
	void (*make)(void);
	long (*call)(void);
	void (*release)(void);
} waitings[] = {
	{"read of a pipe", make_pipe, call_read, release_by_write},
	{"write to a full pipe", make_full_pipe, call_write,
	 release_by_reading},
	{"open of a FIFO", make_fifo, call_open, release_fifo},
	{"read of an eventfd", make_eventfd, call_read, release_by_write},
	{"write to a full eventfd", make_full_eventfd, call_write,
	 release_by_reading},
	{"read of a timerfd", make_timerfd, call_read, release_timer},
	{"flock", make_locked, call_flock, release_lock},
	{"fcntl(F_OFD_SETLKW)", make_locked, call_fcntl, release_lock},
	{"read of a stream", make_streams, call_read, release_by_write},
	{"write to a full stream", make_full_streams, call_write,
	 release_by_reading},
	{"read of a datagram", make_datagrams, call_read, release_by_write},
	{"accept", make_listener, call_accept, release_by_connecting},
	{"sem_wait", make_semaphore, call_sem_wait, release_semaphore},
	{"read of a stream with a timeout", make_streams_with_patience,
	 call_read, NULL},
	{"poll", make_pipe, call_poll, NULL},
	{"select", make_pipe, call_select, NULL},
	{"epoll_wait", make_epoll, call_epoll_wait, NULL},
	{"nanosleep", make_nothing, call_nanosleep, NULL},
};

static void *waiter(void *arg)
{
	const struct waiting *waiting = arg;

	result = waiting->call();
	error = errno;
	ended = 1;
	return arg;
}

static void tidy(void)
{
	close(here);
	close(there);
	unlink("fifo");
	unlink("listener");
	unlink("locked");
}

/* Signals until the call ends, or has been disturbed often enough. */
static void disturb(pthread_t thread)
{
	struct timespec moment = {.tv_nsec = 1000000};

	handled = 0;
	while (!ended && handled < HANDLED_WHILE_IT_WAITS) {
		int before = handled;

		need(pthread_kill(thread, SIGUSR1) == 0);
		while (handled == before && !ended)
			nanosleep(&moment, NULL);
		nanosleep(&moment, NULL);
	}
}

static void handle_with(int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	need(sigaction(SIGUSR1, &action, NULL) == 0);
}

/* The call ends when a signal finds it waiting, early or late. */
static void interrupted(const struct waiting *waiting, int flags,
			const char *how)
{
	char what[80];
	pthread_t thread;

	handle_with(flags);
	waiting->make();
	ended = 0;
	need(pthread_create(&thread, NULL, waiter, (void *)waiting) == 0);
	while (!ended)
		disturb(thread);
	need(pthread_join(thread, NULL) == 0);
	tidy();
	errno = error;
	snprintf(what, sizeof(what), "%s: interrupted%s", waiting->name, how);
	ok(result == -1 && error == EINTR, what);
}

static void restarted(const struct waiting *waiting)
{
	char what[80];
	pthread_t thread;
	int early;

	handle_with(SA_RESTART);
	waiting->make();
	ended = 0;
	need(pthread_create(&thread, NULL, waiter, (void *)waiting) == 0);
	disturb(thread);
	early = ended;
	waiting->release();
	need(pthread_join(thread, NULL) == 0);
	tidy();
	errno = error;
	snprintf(what, sizeof(what), "%s: goes on", waiting->name);
	ok(!early && result == 0, what);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(waitings) / sizeof(waitings[0]); i++) {
		interrupted(&waitings[i], 0, "");
		if (waitings[i].release != NULL)
			restarted(&waitings[i]);
		else
			interrupted(&waitings[i], SA_RESTART,
				    ", SA_RESTART or not");
	}
	return done();
}

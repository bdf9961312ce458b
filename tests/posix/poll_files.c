// SPDX-License-Identifier: BSD-3-Clause
/*
 * poll(), ppoll() and select(): files and /dev/null are always ready, bad
 * descriptors are told, and without any they are a sleep.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static long long now_ms(void)
{
	struct timespec ts;

	need(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static short polled(int fd, short events)
{
	struct pollfd one = {.fd = fd, .events = events, .revents = 0x5555};

	return poll(&one, 1, 0) >= 0 ? one.revents : -1;
}

static void polling(int file, int null, int closed)
{
	struct pollfd fds[] = {{.fd = file, .events = POLLIN},
			       {.fd = -1, .events = POLLIN, .revents = 99},
			       {.fd = null, .events = POLLOUT},
			       {.fd = closed, .events = POLLIN}};
	struct timespec zero = {0};

	ok(polled(file, POLLIN | POLLOUT) == (POLLIN | POLLOUT),
	   "a file is readable and writable");
	ok(polled(file, POLLOUT) == POLLOUT, "only what is asked is told");
	ok(polled(file, 0) == 0, "nothing when nothing is asked");
	ok(polled(null, POLLIN | POLLOUT) == (POLLIN | POLLOUT),
	   "so is /dev/null");
	ok(polled(closed, POLLIN) == POLLNVAL, "a closed one is invalid");
	ok(polled(closed, 0) == POLLNVAL, "also when nothing is asked");
	ok(polled(-1, POLLIN) == 0, "a negative one is left out");
	ok(poll(fds, 4, -1) == 3, "three of four are ready");
	ok(fds[0].revents == POLLIN && fds[1].revents == 0 &&
		   fds[2].revents == POLLOUT && fds[3].revents == POLLNVAL,
	   "each for its own");
	ok(ppoll(fds, 4, &zero, NULL) == 3, "ppoll");
	need(lseek(file, 0, SEEK_END) > 0);
	ok(polled(file, POLLIN) == POLLIN, "a file's end is readable");
}

static void waiting(void)
{
	struct pollfd none = {.fd = -1, .events = POLLIN};
	struct timespec ts = {.tv_nsec = 20000000};
	struct timeval tv = {.tv_usec = 20000};
	struct timespec bad = {.tv_nsec = 1000000000};
	long long start = now_ms();

	ok(poll(NULL, 0, 20) == 0 && now_ms() - start >= 19, "poll waits");
	start = now_ms();
	ok(poll(&none, 1, 20) == 0 && now_ms() - start >= 19,
	   "with a negative descriptor too");
	start = now_ms();
	ok(ppoll(NULL, 0, &ts, NULL) == 0 && now_ms() - start >= 19,
	   "ppoll waits");
	start = now_ms();
	ok(select(0, NULL, NULL, NULL, &tv) == 0 && now_ms() - start >= 19,
	   "select waits");
	ok(poll(NULL, 0, 0) == 0, "or not");
	fails(ppoll(NULL, 0, &bad, NULL), EINVAL, "a bad time");
}

static void selecting(int file, int null, int closed)
{
	struct timeval zero = {0};
	struct timespec none = {0};
	fd_set in, out, bad;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&bad);
	FD_SET(file, &in);
	FD_SET(null, &in);
	FD_SET(null, &out);
	FD_SET(file, &bad);
	ok(select(null + 1, &in, &out, &bad, &zero) == 3,
	   "select counts three");
	ok(FD_ISSET(file, &in) && FD_ISSET(null, &in) && FD_ISSET(null, &out) &&
		   !FD_ISSET(file, &out),
	   "and tells which");
	ok(!FD_ISSET(file, &bad), "nothing exceptional");
	ok(pselect(null + 1, &in, NULL, NULL, &none, NULL) == 2, "pselect");
	FD_ZERO(&in);
	FD_SET(closed, &in);
	fails(select(closed + 1, &in, NULL, NULL, &zero), EBADF,
	      "a closed descriptor");
	fails(select(-1, NULL, NULL, NULL, &zero), EINVAL, "a negative count");
}

int main(void)
{
	int file, null, closed;

	put_text("file", "text");
	file = open("file", O_RDWR);
	null = open("/dev/null", O_RDWR);
	closed = dup(null);
	need(file >= 0 && null > file && closed >= 0 && close(closed) == 0);
	polling(file, null, closed);
	waiting();
	selecting(file, null, closed);
	close(file);
	close(null);
	return done();
}

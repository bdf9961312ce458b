// SPDX-License-Identifier: BSD-3-Clause
/*
 * timerfd: once, by interval, by a deadline of each clock; what is left, what
 * is over; errors.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { MS = 1000000 };

static long long now(int clock)
{
	struct timespec ts;

	need(clock_gettime(clock, &ts) == 0);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static struct timespec spec(long long ns)
{
	return (struct timespec){ns / 1000000000, ns % 1000000000};
}

static int set(int fd, int flags, long long value_ns, long long interval_ns)
{
	struct itimerspec its = {spec(interval_ns), spec(value_ns)};

	return timerfd_settime(fd, flags, &its, NULL);
}

static uint64_t got(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static short polled(int fd, int timeout_ms)
{
	struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};

	return poll(&one, 1, timeout_ms) >= 0 ? one.revents : -1;
}

static void once(int clock, const char *name)
{
	int fd = timerfd_create(clock, 0);
	long long start = now(clock);

	ok(fd >= 0, name);
	need(set(fd, 0, 20 * MS, 0) == 0);
	ok(got(fd) == 1 && now(clock) - start >= 20 * MS, "after a time");
	start = now(clock) + 20 * MS;
	need(set(fd, TFD_TIMER_ABSTIME, start, 0) == 0);
	ok(got(fd) == 1 && now(clock) >= start, "at a time");
	need(set(fd, TFD_TIMER_ABSTIME, 1, 0) == 0);
	ok(got(fd) == 1, "that has passed");
	close(fd);
}

static void intervals(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	long long start = now(CLOCK_MONOTONIC);
	uint64_t count = 0, word;

	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC &&
		   (fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) ==
			   (O_RDWR | O_NONBLOCK),
	   "flags");
	fails(read(fd, &word, 8), EAGAIN, "one that is not set");
	ok(polled(fd, 0) == 0, "nor is poll");
	need(set(fd, 0, 5 * MS, 5 * MS) == 0);
	while (count < 10) {
		need(polled(fd, -1) == POLLIN);
		count += got(fd);
	}
	ok(now(CLOCK_MONOTONIC) - start >= (long long)count * 5 * MS,
	   "ten times or more");
	need(set(fd, 0, 1, 1000) == 0);
	poll(NULL, 0, 2);
	ok(got(fd) > 1000, "what was missed is counted");
	need(set(fd, 0, 0, 0) == 0);
	fails(read(fd, &word, 8), EAGAIN, "taken back");
	close(fd);
}

static void left(void)
{
	struct itimerspec its, old;
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);

	ok(timerfd_gettime(fd, &its) == 0 && its.it_value.tv_sec == 0 &&
		   its.it_value.tv_nsec == 0 && its.it_interval.tv_sec == 0,
	   "nothing is left of none");
	need(set(fd, 0, 1000000LL * MS, 3000LL * MS) == 0);
	ok(timerfd_gettime(fd, &its) == 0 && its.it_value.tv_sec > 900 &&
		   its.it_value.tv_sec <= 1000 && its.it_interval.tv_sec == 3,
	   "much of a long one");
	its.it_value = its.it_interval = spec(1);
	ok(timerfd_settime(fd, 0, &its, &old) == 0 &&
		   old.it_value.tv_sec > 900 && old.it_interval.tv_sec == 3,
	   "the old one is told");
	need(set(fd, 0, 1, 0) == 0 && polled(fd, -1) == POLLIN);
	ok(timerfd_gettime(fd, &its) == 0 && its.it_value.tv_sec == 0 &&
		   its.it_value.tv_nsec == 0,
	   "nothing of one that is over");
	ok(got(fd) == 1, "which is still to be read");
	close(fd);
}

static void errors(void)
{
	struct itimerspec bad = {.it_value = {.tv_nsec = 1000000000}};
	struct itimerspec good = {.it_value = {.tv_sec = 1}};
	int fd = timerfd_create(CLOCK_MONOTONIC, 0), file;
	char path[64], name[64] = "";
	struct stat st;
	uint64_t word;

	fails(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL, "a bad flag");
	fails(timerfd_create(77, 0), EINVAL, "a bad clock");
	fails(timerfd_settime(fd, 0, &bad, NULL), EINVAL, "a bad time");
	fails(timerfd_settime(fd, 16, &good, NULL), EINVAL, "bad flags");
	fails(timerfd_settime(-1, 0, &good, NULL), EBADF, "no descriptor");
	file = open("file", O_RDWR | O_CREAT, 0600);
	fails(timerfd_settime(file, 0, &good, NULL), EINVAL, "no timer");
	fails(timerfd_gettime(file, &good), EINVAL, "to ask neither");
	fails(read(fd, &word, 7), EINVAL, "too short a read");
	fails(write(fd, &word, 8), EINVAL, "a write");
	ok(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0600, "fstat");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok(readlink(path, name, sizeof(name) - 1) > 0 &&
		   strcmp(name, "anon_inode:[timerfd]") == 0,
	   "its name in /proc");
	close(fd);
	close(file);
}

int main(void)
{
	once(CLOCK_MONOTONIC, "the monotonic clock");
	once(CLOCK_REALTIME, "the wall clock");
	once(CLOCK_BOOTTIME, "the time since boot");
	intervals();
	left();
	errors();
	return done();
}

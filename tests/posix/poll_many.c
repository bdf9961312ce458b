// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for as many descriptors as may be open, by poll and by select.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

enum { MANY = 16384 };

static struct pollfd set[MANY];
static uint64_t bits[MANY / 64];

/* All are one counter. */
static int open_many(int counter)
{
	int count = 0, fd;

	while (count < MANY - 8 && (fd = dup(counter)) >= 0) {
		set[count].fd = fd;
		set[count++].events = POLLIN;
	}
	return count;
}

static void *write_soon(void *arg)
{
	uint64_t one = 1;

	usleep(20000);
	return write(*(int *)arg, &one, 8) == 8 ? NULL : arg;
}

static void counts(int count)
{
	ok(poll(set, count, 0) == 0, "poll: none is ready");
	ok(poll(set, count, 1) == 0, "nor after a while");
}

static void wakes(int count, int other)
{
	pthread_t thread;
	uint64_t value;

	set[count - 1].fd = other;
	need(pthread_create(&thread, NULL, write_soon, &other) == 0);
	ok(poll(set, count, -1) == 1, "poll wakes for the last");
	ok(set[count - 1].revents == POLLIN && set[0].revents == 0,
	   "and tells which");
	need(pthread_join(thread, NULL) == 0);
	need(read(other, &value, 8) == 8);
	ok(poll(set, count, 0) == 0, "once");
	set[0].fd = other;
	set[count - 1].fd = -1;
	need(pthread_create(&thread, NULL, write_soon, &other) == 0);
	ok(poll(set, count, -1) == 1 && set[0].revents == POLLIN,
	   "and for the first");
	need(pthread_join(thread, NULL) == 0);
	need(read(other, &value, 8) == 8);
}

/* Every descriptor by select, each in its bit. */
static void selects(int counter, int count)
{
	struct timeval now = {0, 0};
	uint64_t one = 1, value;
	int highest = set[count - 2].fd, found = 0;

	memset(bits, 0, sizeof(bits));
	for (int i = 1; i < count - 1; i++)
		bits[set[i].fd / 64] |= 1ul << set[i].fd % 64;
	need(write(counter, &one, 8) == 8);
	ok(syscall(SYS_select, highest + 1, bits, NULL, NULL, &now) ==
		   count - 2,
	   "select: all are ready");
	for (int i = 1; i < count - 1; i++)
		found += bits[set[i].fd / 64] >> set[i].fd % 64 & 1;
	ok(found == count - 2, "and all are told");
	need(read(counter, &value, 8) == 8);
	now.tv_usec = 0;
	ok(syscall(SYS_select, highest + 1, bits, NULL, NULL, &now) == 0,
	   "none is, after the read");
}

int main(void)
{
	int counter = eventfd(0, 0), other = eventfd(0, 0), count;
	struct rlimit limit;

	need(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	if (limit.rlim_max < MANY)
		skip_all("so many may not be open");
	limit.rlim_cur = MANY;
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	count = open_many(counter);
	ok(count == MANY - 8, "many descriptors");
	counts(count);
	wakes(count, other);
	selects(counter, count);
	return done();
}

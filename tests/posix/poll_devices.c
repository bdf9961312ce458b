// SPDX-License-Identifier: BSD-3-Clause
/*
 * Devices that nobody ever waits for: poll() has them always ready, epoll
 * refuses them, and O_NONBLOCK changes nothing.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tap.h"

static const char *const names[] = {"/dev/null", "/dev/zero", "/dev/full"};

static char block[65536];

static void device(const char *name, int flags)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct pollfd one = {.events = POLLIN | POLLOUT | POLLHUP};
	int epoll = epoll_create1(0);
	ssize_t given = strcmp(name, "/dev/null") == 0 ? 0 : sizeof(block);

	printf("# %s%s\n", name, flags ? ", O_NONBLOCK" : "");
	one.fd = open(name, O_RDWR | flags);
	need(one.fd >= 0 && epoll >= 0);
	ok(poll(&one, 1, -1) == 1 && one.revents == (POLLIN | POLLOUT),
	   "it is ready");
	fails(epoll_ctl(epoll, EPOLL_CTL_ADD, one.fd, &event), EPERM,
	      "and nothing to wait for");
	ok(read(one.fd, block, sizeof(block)) == given, "it is read");
	if (strcmp(name, "/dev/full") == 0)
		fails(write(one.fd, block, 1), ENOSPC, "it has no room");
	else
		ok(write(one.fd, block, sizeof(block)) == sizeof(block),
		   "it is written");
	close(one.fd);
	close(epoll);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		device(names[i], 0);
		device(names[i], O_NONBLOCK);
	}
	return done();
}

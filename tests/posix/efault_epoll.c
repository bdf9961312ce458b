// SPDX-License-Identifier: BSD-3-Clause
/*
 * What epoll could not tell, for there was no memory to write it to, it tells the
 * next time.
 */
#include <sys/epoll.h>
#include <unistd.h>

#include "tap.h"

static int ep, fds[2];

static void untold(uint32_t events, const char *what)
{
	struct epoll_event event = {.events = EPOLLIN | events};
	struct epoll_event *nowhere = (void *)16;
	char c;

	need(write(fds[1], "x", 1) == 1);
	need(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &event) == 0);
	fails(epoll_wait(ep, nowhere, 1, 0), EFAULT, what);
	ok(epoll_wait(ep, &event, 1, 0) == 1 && event.events == EPOLLIN,
	   "it is told the next time");
	need(read(fds[0], &c, 1) == 1);
	need(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL) == 0);
}

int main(void)
{
	ep = epoll_create1(0);
	need(ep >= 0 && pipe(fds) == 0);
	untold(0, "a level");
	untold(EPOLLET, "an edge");
	untold(EPOLLONESHOT, "what is told once");
	return done();
}

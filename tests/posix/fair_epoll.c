// SPDX-License-Identifier: BSD-3-Clause
/* An epoll: one thread takes many events, the other changes what is watched. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fair.h"

enum { FILES = 500 };

static int epoll, last;
static struct epoll_event events[FILES];

static void take(void)
{
	need(epoll_wait(epoll, events, FILES, 0) >= FILES - 1);
}

static void change(void)
{
	struct epoll_event event = {.events = EPOLLOUT};

	need(epoll_ctl(epoll, EPOLL_CTL_MOD, last, &event) == 0);
}

int main(void)
{
	struct epoll_event event = {.events = EPOLLOUT};

	epoll = epoll_create1(0);
	need(epoll >= 0);
	for (int i = 0; i < FILES; i++) {
		last = eventfd(0, 0);
		need(last >= 0);
		need(epoll_ctl(epoll, EPOLL_CTL_ADD, last, &event) == 0);
	}
	fair(take, change, "who changes what is watched has its turn");
	return done();
}

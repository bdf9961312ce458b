// SPDX-License-Identifier: BSD-3-Clause
/*
 * epoll by one thread: what can be watched, how it is told, errors of
 * epoll_ctl() and epoll_wait().
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { PIPES = 40 };

static int ctl(int ep, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = {.events = events, .data.u64 = data};

	return epoll_ctl(ep, op, fd, &event);
}

static void errors(int ep)
{
	struct epoll_event event = {.events = EPOLLIN};
	int file = open("file", O_RDWR | O_CREAT, 0600);
	int fds[2], copy, gone;

	need(pipe(fds) == 0 && file >= 0);
	gone = dup(file);
	close(gone);
	fails(epoll_create1(1), EINVAL, "a bad flag");
	fails(ctl(-1, EPOLL_CTL_ADD, fds[0], EPOLLIN, 0), EBADF, "no epoll");
	fails(ctl(ep, EPOLL_CTL_ADD, gone, EPOLLIN, 0), EBADF, "no file");
	fails(ctl(ep, EPOLL_CTL_ADD, file, EPOLLIN, 0), EPERM,
	      "a file that never waits");
	fails(ctl(ep, EPOLL_CTL_ADD, ep, EPOLLIN, 0), EINVAL, "itself");
	fails(ctl(fds[1], EPOLL_CTL_ADD, fds[0], EPOLLIN, 0), EINVAL,
	      "a pipe is no epoll");
	fails(ctl(ep, EPOLL_CTL_DEL, fds[0], 0, 0), ENOENT, "not watched");
	fails(ctl(ep, EPOLL_CTL_MOD, fds[0], EPOLLIN, 0), ENOENT,
	      "nor changed");
	ok(ctl(ep, EPOLL_CTL_ADD, fds[0], EPOLLIN, 1) == 0, "watched");
	fails(ctl(ep, EPOLL_CTL_ADD, fds[0], EPOLLIN, 1), EEXIST, "once");
	fails(ctl(ep, 77, fds[0], EPOLLIN, 1), EINVAL, "a bad operation");
	copy = dup(fds[0]);
	ok(ctl(ep, EPOLL_CTL_ADD, copy, EPOLLIN, 2) == 0,
	   "another descriptor of it is another");
	ok(ctl(ep, EPOLL_CTL_DEL, copy, 0, 0) == 0, "taken back");
	close(copy);
	fails(ctl(ep, EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLEXCLUSIVE, 0),
	      EINVAL, "EPOLLEXCLUSIVE is for adding");
	fails(ctl(ep, EPOLL_CTL_ADD, fds[1],
		  EPOLLOUT | EPOLLEXCLUSIVE | EPOLLONESHOT, 0),
	      EINVAL, "and not with EPOLLONESHOT");
	fails(epoll_wait(ep, &event, 0, 0), EINVAL, "no room");
	fails(epoll_wait(ep, &event, -1, 0), EINVAL, "less than none");
	fails(epoll_wait(fds[0], &event, 1, 0), EINVAL, "not an epoll");
	fails(epoll_wait(-1, &event, 1, 0), EBADF, "no descriptor");
	fails(read(ep, &event, 1), EINVAL, "it cannot be read");
	ok(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL) == 0,
	   "taking back needs no event");
	close(fds[0]);
	close(fds[1]);
	close(file);
}

static void told(int ep)
{
	struct epoll_event events[4];
	int fds[2];

	need(pipe(fds) == 0);
	need(ctl(ep, EPOLL_CTL_ADD, fds[0], EPOLLIN, 0x123456789abcdef) == 0);
	need(ctl(ep, EPOLL_CTL_ADD, fds[1], 0, 22) == 0);
	ok(epoll_wait(ep, events, 4, 0) == 0, "nothing yet");
	need(write(fds[1], "x", 1) == 1);
	ok(epoll_wait(ep, events, 4, -1) == 1 && events[0].events == EPOLLIN &&
		   events[0].data.u64 == 0x123456789abcdef,
	   "a byte, and whose");
	ok(epoll_wait(ep, events, 4, 1000) == 1, "as long as it is there");
	ok(ctl(ep, EPOLL_CTL_MOD, fds[1], EPOLLOUT, 23) == 0 &&
		   epoll_wait(ep, events, 4, -1) == 2,
	   "room as well, now that it is asked");
	ok(ctl(ep, EPOLL_CTL_MOD, fds[0], 0, 1) == 0 &&
		   epoll_wait(ep, events, 4, 0) == 1 &&
		   events[0].data.u64 == 23 && events[0].events == EPOLLOUT,
	   "no longer asked");
	ok(ctl(ep, EPOLL_CTL_MOD, fds[1], 0, 23) == 0, "nor this");
	close(fds[0]);
	ok(epoll_wait(ep, events, 4, -1) == 1 && events[0].events == EPOLLERR,
	   "an error is told always");
	close(fds[1]);
	ok(epoll_wait(ep, events, 4, 0) == 0, "a closed one falls out");
}

static void many(int ep)
{
	struct epoll_event events[PIPES];
	int fds[PIPES][2], seen[PIPES] = {0}, all = 1;

	for (int i = 0; i < PIPES; i++) {
		need(pipe(fds[i]) == 0);
		need(ctl(ep, EPOLL_CTL_ADD, fds[i][0], EPOLLIN, i) == 0);
	}
	for (int i = 0; i < PIPES; i += 2)
		need(write(fds[i][1], "x", 1) == 1);
	ok(epoll_wait(ep, events, PIPES, -1) == PIPES / 2, "half of many");
	/* With little room, all have their turn. */
	for (int i = 0; i < PIPES; i++) {
		need(epoll_wait(ep, events, 3, -1) == 3);
		for (int k = 0; k < 3; k++)
			seen[events[k].data.u64]++;
	}
	for (int i = 0; i < PIPES; i++)
		all &= i % 2 ? seen[i] == 0 : seen[i] > 0;
	ok(all, "each has its turn");
	for (int i = 0; i < PIPES; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	ok(epoll_wait(ep, events, PIPES, 0) == 0, "all fall out");
}

static long long now_ms(void)
{
	struct timespec ts;

	need(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void waiting(int ep)
{
	long long start = now_ms();
	struct epoll_event event;
	char path[64], name[64] = "";
	struct stat st;

	ok(epoll_wait(ep, &event, 1, 20) == 0 && now_ms() - start >= 19,
	   "it waits as long as it is told");
	ok(epoll_pwait(ep, &event, 1, 0, NULL) == 0, "epoll_pwait");
	ok(fcntl(ep, F_GETFD) == FD_CLOEXEC, "close on exec");
	ok(fstat(ep, &st) == 0 && (st.st_mode & 07777) == 0600, "fstat");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ep);
	ok(readlink(path, name, sizeof(name) - 1) > 0 &&
		   strcmp(name, "anon_inode:[eventpoll]") == 0,
	   "its name in /proc");
}

int main(void)
{
	int ep = epoll_create1(EPOLL_CLOEXEC);

	need(ep >= 0);
	errors(ep);
	told(ep);
	many(ep);
	waiting(ep);
	close(ep);
	return done();
}

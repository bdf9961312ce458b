// SPDX-License-Identifier: BSD-3-Clause
/*
 * Limits to the very number: what just fits, and what is one too many.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "files.h"
#include "sockets.h"

enum { LINKS = 40, LIMIT = 100 };

static void counters(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);
	uint64_t most = UINT64_MAX - 1, one = 1, got = 0;

	ok(write(fd, &most, 8) == 8, "an eventfd holds 2^64 - 2");
	fails(write(fd, &one, 8), EAGAIN, "and no more");
	ok(read(fd, &got, 8) == 8 && got == most, "which are read");
	most--;
	ok(write(fd, &most, 8) == 8 && write(fd, &one, 8) == 8,
	   "one less, and one");
	most = UINT64_MAX;
	fails(write(fd, &most, 8), EINVAL, "2^64 - 1 is none");
	close(fd);
}

/*
 * A Linux that has to begin a walk again, as somebody renames meanwhile, goes on
 * counting links from where it was.
 */
static int is_reached(const char *path)
{
	struct stat st;

	for (int i = 0; i < 100; i++) {
		if (stat(path, &st) == 0)
			return 1;
	}
	return 0;
}

static void links(void)
{
	char from[16], to[16] = "end";
	struct stat st;

	need(mkdir("end", 0700) == 0);
	for (int i = 1; i <= LINKS + 1; i++) {
		snprintf(from, sizeof(from), "l%d", i);
		need(symlink(to, from) == 0);
		strcpy(to, from);
	}
	ok(is_reached("l40"), "a path over 40 links");
	fails(stat("l41", &st), ELOOP, "over 41");
	ok(is_reached("l40/."), "40 in its middle");
	fails(stat("l41/.", &st), ELOOP, "41 there");
	ok(lstat("l41", &st) == 0, "the last one itself");
}

static void nested(void)
{
	int fds[8], deepest = 0;
	struct epoll_event event = {.events = EPOLLIN};

	for (int i = 0; i < 8; i++)
		fds[i] = epoll_create1(0);
	for (int i = 1; i < 8; i++) {
		event.data.fd = i;
		if (epoll_ctl(fds[i], EPOLL_CTL_ADD, fds[i - 1], &event) != 0)
			break;
		deepest = i;
	}
	printf("# %d epolls watch each other in a row\n", deepest);
	ok(errno == ELOOP, "and no more");
	for (int i = 0; i < 8; i++)
		close(fds[i]);
}

static void descriptors(void)
{
	struct rlimit before, limit;
	int fd;

	put_text("long", "text");
	need(getrlimit(RLIMIT_NOFILE, &before) == 0);
	limit = before;
	limit.rlim_cur = LIMIT;
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	fd = fcntl(0, F_DUPFD, LIMIT - 1);
	ok(fd == LIMIT - 1, "F_DUPFD to the last number");
	fails(fcntl(0, F_DUPFD, LIMIT - 1), EMFILE, "which is taken now");
	fails(fcntl(0, F_DUPFD, LIMIT), EINVAL, "from the limit on");
	ok(dup2(0, LIMIT - 1) == LIMIT - 1, "dup2 to the last number");
	fails(dup2(0, LIMIT), EBADF, "to the limit");
	close(fd);
	fd = dup(0);
	ok(fd < 10, "the next is the lowest again");
	close(fd);
	limit.rlim_cur = (rlim_t)fd;
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	fails(open("made", O_CREAT | O_RDWR, 0600), EMFILE,
	      "without a descriptor no file is opened");
	fails(access("made", F_OK), ENOENT, "nor made");
	fails(open("long", O_TRUNC | O_WRONLY), EMFILE, "nor another");
	need(setrlimit(RLIMIT_NOFILE, &before) == 0);
	ok(has_text("long", "text"), "nor truncated");
	need(setrlimit(RLIMIT_NOFILE, &before) == 0);
}

static void times(void)
{
	int fd = new_socket(SOCK_STREAM);
	struct timeval time = {0, 999999};

	ok(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)) == 0,
	   "a timeout of 999,999 microseconds");
	time.tv_usec++;
	fails(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)),
	      EDOM, "of 1,000,000");
	time = (struct timeval){0, -1};
	fails(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time)),
	      EDOM, "of -1");
	close(fd);
}

static void cut(void)
{
	char buf[10];
	struct iovec iov = {buf, 0};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	int pair[2];
	ssize_t n;

	need(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	for (size_t room = 4; room <= 6; room++) {
		need(send(pair[0], "12345", 5, 0) == 5);
		iov.iov_len = room;
		message.msg_flags = 0;
		n = recvmsg(pair[1], &message, 0);
		printf("# room for %zu of 5: %zd,%s cut\n", room, n,
		       message.msg_flags & MSG_TRUNC ? "" : " not");
	}
	close(pair[0]);
	close(pair[1]);
}

/* How many connections wait for accept(), for each backlog. */
static void backlogs(void)
{
	for (int backlog = 0; backlog < 4; backlog++) {
		int server = new_socket(SOCK_STREAM), clients[8], count = 0;
		char name[16];

		snprintf(name, sizeof(name), "server%d", backlog);
		need(bind_to(server, name) == 0);
		need(listen(server, backlog) == 0);
		for (int i = 0; i < 8; i++) {
			clients[i] = new_socket(SOCK_STREAM | SOCK_NONBLOCK);
			count += connect_to(clients[i], name) == 0;
		}
		printf("# a backlog of %d: %d wait\n", backlog, count);
		for (int i = 0; i < 8; i++)
			close(clients[i]);
		close(server);
	}
}

static void pipe_bytes(void)
{
	static char block[PIPE_BUF + 1];
	int fds[2], size;

	need(pipe2(fds, O_NONBLOCK) == 0);
	size = fcntl(fds[1], F_GETPIPE_SZ);
	while (size > PIPE_BUF)
		size -= write(fds[1], block, PIPE_BUF);
	need(write(fds[1], block, 1) == 1);
	fails(write(fds[1], block, PIPE_BUF), EAGAIN,
	      "PIPE_BUF bytes, into room for one less");
	ok(write(fds[1], block, PIPE_BUF + 1) > 0, "one more go in in part");
	close(fds[0]);
	close(fds[1]);
}

static void sets(void)
{
	fd_set set;
	struct timeval none = {0, 0};
	int fds[2];

	need(pipe(fds) == 0);
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	ok(select(fds[0] + 1, &set, NULL, NULL, &none) == 0,
	   "select finds nothing");
	ok(!FD_ISSET(fds[0], &set), "and clears the set");
	close(fds[0]);
	close(fds[1]);
}

static void locked_pages(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(munmap(at + page, page) == 0);
	ok(mlock(at + 100, page - 100) == 0, "mlock to the end of a page");
	fails(mlock(at + 100, page - 99), ENOMEM, "one byte further");
	ok(munlock(at, page) == 0, "munlock");
	fails(munlock(at, page + 1), ENOMEM, "one byte too many");
	munmap(at, page);
}

int main(void)
{
	counters();
	links();
	nested();
	descriptors();
	times();
	cut();
	backlogs();
	pipe_bytes();
	sets();
	locked_pages();
	return done();
}

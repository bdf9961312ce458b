// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/self/fd/N opens anew what descriptor N describes: with a position and
 * flags of its own, whatever has become of its name.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static int open_again(int fd, int flags)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags);
}

static void files(void)
{
	int fd, again;
	char byte;

	put_text("file", "hello");
	fd = open("file", O_RDWR | O_APPEND);
	need(fd >= 0 && read(fd, &byte, 1) == 1);
	again = open_again(fd, O_RDONLY);
	need(again >= 0);
	ok(lseek(again, 0, SEEK_CUR) == 0 && lseek(fd, 0, SEEK_CUR) == 1,
	   "a position of its own");
	ok((fcntl(again, F_GETFL) & (O_ACCMODE | O_APPEND)) == O_RDONLY,
	   "flags of its own");
	fails(write(again, "x", 1), EBADF, "which it keeps to");
	close(again);
	need(unlink("file") == 0);
	again = open_again(fd, O_RDWR);
	ok(again >= 0 && fd_has_text(again, "hello"),
	   "a file without a name any more");
	need(pwrite(again, "j", 1, 0) == 1);
	ok(fd_has_text(fd, "jello"), "is the same file");
	close(again);
	again = open_again(fd, O_WRONLY | O_TRUNC);
	ok(again >= 0 && fd_has_text(fd, ""), "O_TRUNC");
	close(again);
	fails(open_again(fd, O_RDONLY | O_DIRECTORY), ENOTDIR,
	      "O_DIRECTORY of a file");
	close(fd);
	fails(open_again(fd, O_RDONLY), ENOENT, "of no descriptor");
}

static void path_only(void)
{
	int fd, again;

	put_text("file", "hello");
	fd = open("file", O_PATH);
	again = open_again(fd, O_RDONLY);
	ok(again >= 0 && fd_has_text(again, "hello"),
	   "what O_PATH found can be opened");
	close(again);
	close(fd);
	fd = open(".", O_RDONLY | O_DIRECTORY);
	again = open_again(fd, O_RDONLY | O_DIRECTORY);
	ok(again >= 0 && faccessat(again, "file", F_OK, 0) == 0, "a directory");
	fails(open_again(fd, O_RDWR), EISDIR, "but not to be written");
	close(again);
	close(fd);
	need(unlink("file") == 0);
}

/* A pipe has a third description then, and counts it. */
static void pipes(void)
{
	int ends[2], again, both;
	char buf[8];

	need(pipe(ends) == 0);
	again = open_again(ends[0], O_WRONLY);
	ok(again >= 0 && write(again, "abc", 3) == 3, "the reader's to write");
	ok(read(ends[0], buf, 8) == 3 && memcmp(buf, "abc", 3) == 0,
	   "is the same pipe");
	need(close(ends[1]) == 0);
	ok(write(again, "d", 1) == 1 && read(ends[0], buf, 8) == 1,
	   "goes on without the first writer");
	both = open_again(again, O_RDWR | O_NONBLOCK);
	need(close(again) == 0);
	ok(both >= 0 && write(both, "ef", 2) == 2 && read(both, buf, 8) == 2,
	   "one for both");
	fails(read(both, buf, 8), EAGAIN, "with O_NONBLOCK of its own");
	ok((fcntl(ends[0], F_GETFL) & O_NONBLOCK) == 0, "and nobody else's");
	need(close(ends[0]) == 0);
	ok(write(both, "g", 1) == 1, "reads what it writes");
	again = open_again(both, O_RDONLY);
	need(close(both) == 0);
	ok(read(again, buf, 8) == 1 && buf[0] == 'g',
	   "what is in it stays for the next");
	ok(read(again, buf, 8) == 0, "and then it ends");
	close(again);
}

/* What cannot be there twice. */
static void others(void)
{
	int fds[5], pair[2];
	static const char *const names[] = {
		"an eventfd", "an epoll", "a timerfd", "a socket", "its peer"};

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	fds[0] = eventfd(0, 0);
	fds[1] = epoll_create1(0);
	fds[2] = timerfd_create(CLOCK_MONOTONIC, 0);
	fds[3] = pair[0];
	fds[4] = pair[1];
	for (int i = 0; i < 5; i++) {
		need(fds[i] >= 0);
		fails(open_again(fds[i], O_RDWR), ENXIO, names[i]);
		close(fds[i]);
	}
}

int main(void)
{
	files();
	path_only();
	pipes();
	others();
	return done();
}

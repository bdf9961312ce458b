// SPDX-License-Identifier: BSD-3-Clause
/*
 * dup() takes the lowest free descriptor and shares the open file: offset
 * and status flags; a second open() does not.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void sharing(int fd)
{
	int copy = dup(fd);
	int apart = open("file", O_RDWR);

	ok(copy >= 0 && copy != fd, "dup");
	need(write(fd, "abc", 3) == 3);
	ok(lseek(copy, 0, SEEK_CUR) == 3, "the file offset is shared");
	ok(lseek(apart, 0, SEEK_CUR) == 0, "a second open has its own");
	ok(lseek(copy, 1, SEEK_SET) == 1 && lseek(fd, 0, SEEK_CUR) == 1,
	   "both ways");
	close(fd);
	ok(write(copy, "X", 1) == 1 && has_text("file", "aXc"),
	   "closing one leaves the other");
	close(copy);
	close(apart);
}

static void lowest(void)
{
	int a = open("file", O_RDWR);
	int b = dup(a);
	int c = dup(a);
	int again;

	need(a >= 0 && b >= 0 && c >= 0);
	close(b);
	again = dup(a);
	ok(again == b, "the lowest free descriptor");
	close(a);
	close(again);
	again = open("file", O_RDWR);
	ok(again == a, "open takes the lowest too");
	close(again);
	close(c);
}

static void to_a_number(void)
{
	int fd = open("file", O_RDWR);
	int other = open("file", O_RDONLY);

	need(fd >= 0 && lseek(fd, 2, SEEK_SET) == 2);
	ok(dup2(fd, 77) == 77, "dup2 to a free number");
	ok(lseek(77, 0, SEEK_CUR) == 2, "shares the offset");
	ok(dup2(fd, other) == other && lseek(other, 0, SEEK_CUR) == 2,
	   "dup2 over an open one");
	ok(dup2(fd, fd) == fd && fcntl(fd, F_GETFD) == 0,
	   "dup2 to itself does nothing");
	ok(fcntl(fd, F_DUPFD, 90) == 90, "F_DUPFD takes that number");
	ok(fcntl(fd, F_DUPFD, 90) == 91, "or the next free one");
	fails(dup2(-1, 92), EBADF, "dup2 of no descriptor");
	fails(fcntl(92, F_GETFD), EBADF, "makes none");
	close(90);
	fails(dup2(90, 90), EBADF, "dup2 of a closed one to itself");
	fails(dup2(fd, -1), EBADF, "dup2 to a negative number");
	fails(dup2(fd, 1 << 30), EBADF, "dup2 past the limit");
	fails(fcntl(fd, F_DUPFD, 1 << 30), EINVAL, "F_DUPFD past the limit");
	fails(fcntl(fd, F_DUPFD, -1), EINVAL, "F_DUPFD from below zero");
	fails(dup(-1), EBADF, "dup of no descriptor");
	close(fd);
	close(other);
	close(77);
	close(91);
}

/* A copy onto itself is none: the pipe ends with its only writer. */
static void to_itself(void)
{
	int ends[2];
	char byte;

	need(pipe2(ends, O_NONBLOCK) == 0);
	ok(dup2(ends[1], ends[1]) == ends[1], "dup2 of a pipe to itself");
	close(ends[1]);
	ok(read(ends[0], &byte, 1) == 0, "counts once");
	close(ends[0]);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	sharing(fd);
	lowest();
	to_a_number();
	to_itself();
	return done();
}

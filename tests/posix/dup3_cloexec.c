// SPDX-License-Identifier: BSD-3-Clause
/*
 * The close-on-exec flag belongs to one descriptor: dup() and dup2() clear
 * it in the copy, dup3() and F_DUPFD_CLOEXEC can set it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static int cloexec(int fd)
{
	return fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

static void copies(int fd)
{
	int copy = dup(fd);

	ok(cloexec(fd), "the original has the flag");
	ok(!cloexec(copy), "dup clears it");
	ok(dup2(fd, copy) == copy && !cloexec(copy), "dup2 clears it");
	ok(dup3(fd, copy, 0) == copy && !cloexec(copy), "dup3 clears it");
	ok(dup3(fd, copy, O_CLOEXEC) == copy && cloexec(copy),
	   "dup3 with O_CLOEXEC sets it");
	ok(dup2(fd, fd) == fd && cloexec(fd), "dup2 to itself keeps it");
	close(copy);
	copy = fcntl(fd, F_DUPFD, 10);
	ok(copy >= 10 && !cloexec(copy), "F_DUPFD clears it");
	close(copy);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	ok(copy >= 10 && cloexec(copy), "F_DUPFD_CLOEXEC sets it");
	close(copy);
}

static void replacing(int fd)
{
	int other = open("other", O_RDWR | O_CREAT, 0600);

	need(other >= 0);
	ok(dup3(fd, other, 0) == other, "dup3 over an open descriptor");
	ok(write(other, "x", 1) == 1 && has_text("file", "x") &&
		   has_text("other", ""),
	   "it is the other file now");
	ok(dup3(fd, 60, 0) == 60 && lseek(60, 0, SEEK_CUR) == 1,
	   "dup3 to a free number");
	close(other);
	close(60);
}

static void errors(int fd)
{
	fails(dup3(fd, fd, 0), EINVAL, "dup3 to itself");
	fails(dup3(-1, 60, 0), EBADF, "dup3 of no descriptor");
	fails(dup3(fd, -1, 0), EBADF, "dup3 to a negative number");
	fails(dup3(fd, 1 << 30, 0), EBADF, "dup3 past the limit");
	fails(fcntl(60, F_GETFD), EBADF, "failures open nothing");
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	need(fd >= 0);
	copies(fd);
	replacing(fd);
	errors(fd);
	close(fd);
	return done();
}

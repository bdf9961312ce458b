// SPDX-License-Identifier: BSD-3-Clause
/*
 * preadv2(2) and pwritev2(2): positions, and flags that are done or refused.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

enum { HIPRI = 1, DSYNC = 2, SYNC = 4, NOWAIT = 8, APPEND = 16 };
enum { NOAPPEND = 32, UNKNOWN = 0x8000 };

static long read_by(int fd, struct iovec *vector, long offset, int flags)
{
	return syscall(SYS_preadv2, fd, vector, 1, offset, offset >> 63, flags);
}

static long write_by(int fd, struct iovec *vector, long offset, int flags)
{
	return syscall(SYS_pwritev2, fd, vector, 1, offset, offset >> 63,
		       flags);
}

static void appends(void)
{
	struct iovec out = {"abcd", 4}, more = {"ef", 2}, in = {"", 0};
	int fd = open("ends", O_RDWR | O_CREAT | O_TRUNC, 0600), read_only;

	read_only = open("ends", O_RDONLY);
	need(fd >= 0 && read_only >= 0);
	need(write_by(fd, &out, 0, 0) == 4);
	ok(write_by(fd, &more, 0, APPEND) == 2 && fd_has_text(fd, "abcdef") &&
		   lseek(fd, 0, SEEK_CUR) == 0,
	   "RWF_APPEND writes at the end, whatever the offset");
	ok(write_by(fd, &more, -1, APPEND | SYNC) == 2 &&
		   fd_has_text(fd, "abcdefef") && lseek(fd, 0, SEEK_CUR) == 8,
	   "at -1 the position moves there");
	answers(write_by(read_only, &more, 0, APPEND), EBADF,
		"not by one that reads");
	answers(write_by(fd, &more, 0, APPEND | NOAPPEND), EINVAL,
		"two that exclude each other");
	answers(write_by(fd, &in, 0, APPEND), 0, "nothing");
	answers(read_by(fd, &in, 0, APPEND), 0, "for a read it means nothing");
	close(fd), close(read_only);
	need(unlink("ends") == 0);
}

static void without_waiting(const int ends[2])
{
	char buf[8];
	struct iovec in = {buf, 4}, out = {"abcd", 4};

	answers(read_by(ends[0], &in, -1, NOWAIT), EAGAIN,
		"RWF_NOWAIT of an empty pipe");
	ok(write_by(ends[1], &out, -1, NOWAIT) == 4 &&
		   read_by(ends[0], &in, -1, NOWAIT) == 4,
	   "of one that has something");
}

int main(void)
{
	char buf[8] = "";
	struct iovec in = {buf, 4}, out = {"abcd", 4};
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600), ends[2];

	need(fd >= 0 && pipe(ends) == 0);
	ok(write_by(fd, &out, 0, 0) == 4 && lseek(fd, 0, SEEK_CUR) == 0,
	   "pwritev2 at an offset leaves the position");
	ok(write_by(fd, &out, -1, 0) == 4 && lseek(fd, 0, SEEK_CUR) == 4,
	   "at -1 it writes there, and moves it");
	ok(write_by(fd, &out, 4, DSYNC) == 4, "RWF_DSYNC");
	ok(write_by(fd, &out, 4, SYNC) == 4, "RWF_SYNC");
	ok(write_by(fd, &out, 4, SYNC | DSYNC | HIPRI) == 4, "with RWF_HIPRI");
	ok(fd_has_text(fd, "abcdabcd"), "all is there");
	ok(read_by(fd, &in, 6, 0) == 2 && memcmp(buf, "cd", 2) == 0,
	   "preadv2 at an offset");
	ok(read_by(fd, &in, -1, HIPRI) == 4 && memcmp(buf, "abcd", 4) == 0 &&
		   lseek(fd, 0, SEEK_CUR) == 8,
	   "at -1 it reads on");
	answers(read_by(fd, &in, 0, UNKNOWN), EOPNOTSUPP,
		"a flag nobody knows");
	answers(write_by(fd, &out, 0, UNKNOWN), EOPNOTSUPP, "to write, too");
	answers(read_by(ends[0], &in, 0, 0), ESPIPE, "an offset in a pipe");
	answers(read_by(ends[0], &in, 0, UNKNOWN), ESPIPE, "comes first");
	ok(write_by(ends[1], &out, -1, 0) == 4 &&
		   read_by(ends[0], &in, -1, 0) == 4,
	   "none is fine there");
	answers(read_by(999, &in, 0, UNKNOWN), EBADF, "no descriptor");
	answers(read_by(fd, &in, -2, 0), EINVAL, "an offset of -2");
	without_waiting(ends);
	appends();
	need(unlink("file") == 0);
	return done();
}

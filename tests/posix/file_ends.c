// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls on files with sizes, offsets and counts near the ends of their types.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

#define MOST  INT64_MAX
#define LEAST INT64_MIN

static char buf[16];

static void seeks(int fd)
{
	need(lseek(fd, 2, SEEK_SET) == 2);
	answers(lseek(fd, MOST, SEEK_END), EINVAL, "lseek: 2^63 - 1 past 5");
	answers(lseek(fd, MOST, SEEK_CUR), EINVAL, "past 2");
	answers(lseek(fd, -1, SEEK_SET), EINVAL, "to -1");
	answers(lseek(fd, LEAST, SEEK_SET), EINVAL, "to -2^63");
	answers(lseek(fd, LEAST, SEEK_CUR), EINVAL, "-2^63 from 2");
	answers(lseek(fd, LEAST, SEEK_END), EINVAL, "-2^63 from 5");
	answers(lseek(fd, MOST, SEEK_DATA), ENXIO, "contents at 2^63 - 1");
	answers(lseek(fd, MOST, SEEK_HOLE), ENXIO, "a hole there");
	answers(lseek(fd, -1, SEEK_DATA), ENXIO, "contents at -1");
	answers(lseek(fd, 5, SEEK_DATA), ENXIO, "contents at the end");
	answers(lseek(fd, 0, 5), EINVAL, "no such origin");
	answers(lseek(fd, 0, -1), EINVAL, "nor this");
	ok(lseek(fd, 0, SEEK_CUR) == 2, "the position has stayed");
}

static void reads(int fd)
{
	struct iovec vector[2] = {{buf, 8}, {buf + 8, 8}};

	answers(pread(fd, buf, 8, MOST), EINVAL, "pread of 8 at 2^63 - 1");
	answers(pread(fd, buf, 8, MOST - 7), EINVAL, "at 2^63 - 8");
	ok(pread(fd, buf, 8, MOST - 8) == 0, "at 2^63 - 9");
	ok(pread(fd, buf, 0, MOST) == 0, "of none at 2^63 - 1");
	answers(pread(fd, buf, 8, -1), EINVAL, "at -1");
	answers(pread(fd, buf, 0, -1), EINVAL, "of none at -1");
	answers(pread(fd, buf, 8, LEAST), EINVAL, "at -2^63");
	answers(preadv(fd, vector, 2, MOST - 15), EINVAL,
		"preadv of 16 at 2^63 - 16");
	ok(preadv(fd, vector, 2, MOST - 16) == 0, "at 2^63 - 17");
	answers(preadv(fd, vector, -1, 0), EINVAL, "of -1 buffers");
	answers(preadv(fd, vector, IOV_MAX + 1, 0), EINVAL, "of 1,025");
	vector[1].iov_len = SIZE_MAX;
	answers(readv(fd, vector, 2), EINVAL, "readv of a negative size");
}

static void writes(int fd)
{
	answers(pwrite(fd, buf, 8, MOST), EINVAL, "pwrite of 8 at 2^63 - 1");
	answers(pwrite(fd, buf, 8, MOST - 7), EINVAL, "at 2^63 - 8");
	answers(pwrite(fd, buf, 8, -1), EINVAL, "at -1");
	answers(ftruncate(fd, -1), EINVAL, "ftruncate to -1");
	answers(ftruncate(fd, LEAST), EINVAL, "to -2^63");
	answers(truncate("file", -1), EINVAL, "truncate to -1");
	answers(truncate("none", -1), EINVAL, "looks at the size first");
	answers(fallocate(fd, 0, MOST, MOST), EFBIG, "fallocate past 2^63");
	answers(fallocate(fd, 0, -1, 1), EINVAL, "at -1");
	answers(fallocate(fd, 0, 0, 0), EINVAL, "of none");
	answers(fallocate(fd, 0, 0, -1), EINVAL, "of -1");
	ok(fd_has_text(fd, "hello"), "nothing of it changed the file");
}

/* The size is an int in the kernel, whatever a C library says. */
static void links(void)
{
	need(symlink("target", "link") == 0);
	answers(syscall(SYS_readlink, "link", buf, 1L << 31), EINVAL,
		"readlink with a size of 2^31");
	answers(syscall(SYS_readlink, "link", buf, 1L << 32), EINVAL, "2^32");
	answers(syscall(SYS_readlink, "link", buf, MOST), EINVAL, "2^63 - 1");
	ok(syscall(SYS_readlink, "link", buf, (1L << 32) + 3) == 3,
	   "2^32 + 3 is 3");
	answers(syscall(SYS_readlink, "file", buf, -1L), EINVAL, "-1");
	need(unlink("link") == 0);
}

static void nodes(void)
{
	struct stat st;

	ok(mknod("fifo", S_IFIFO | 0600, 0x501) == 0 &&
		   stat("fifo", &st) == 0 && S_ISFIFO(st.st_mode) &&
		   st.st_rdev == 0,
	   "a FIFO has no device number");
	ok(mknod("socket", S_IFSOCK | 0600, 0x501) == 0 &&
		   stat("socket", &st) == 0 && S_ISSOCK(st.st_mode) &&
		   st.st_rdev == 0,
	   "nor has a socket");
	ok(mknod("plain", S_IFREG | 0600, 0x501) == 0 &&
		   stat("plain", &st) == 0 && S_ISREG(st.st_mode) &&
		   st.st_rdev == 0,
	   "nor has a file");
	answers(mknod("link", S_IFLNK | 0600, 0), EINVAL,
		"no links are made so");
	need(!unlink("fifo") && !unlink("socket") && !unlink("plain"));
}

static void pipes(void)
{
	int ends[2];

	need(pipe(ends) == 0);
	ok(fcntl(ends[0], F_SETPIPE_SZ, 0) == 4096, "F_SETPIPE_SZ 0 is a page");
	answers(fcntl(ends[0], F_SETPIPE_SZ, -1), EINVAL, "-1 is too much");
	ok(fcntl(ends[0], F_GETPIPE_SZ) == 4096, "and changes nothing");
	ok(fcntl(ends[1], F_SETPIPE_SZ, 4097) == 8192, "sizes are powers of 2");
	close(ends[0]);
	close(ends[1]);
}

static void waits(void)
{
	struct timeval now = {0, 0};
	struct pollfd none = {.fd = -1};
	fd_set set;
	int ends[2];

	need(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
	FD_ZERO(&set);
	ok(select(INT_MAX, NULL, NULL, NULL, &now) == 0,
	   "select of 2^31 - 1 descriptors");
	FD_SET(ends[0], &set);
	ok(syscall(SYS_select, 100000L, &set, NULL, NULL, &now) == 1 &&
		   FD_ISSET(ends[0], &set),
	   "of more than can be open");
	answers(select(-1, NULL, NULL, NULL, &now), EINVAL, "of -1");
	answers(poll(&none, (nfds_t)-1, 0), EINVAL, "poll of 2^64 - 1");
	ok(poll(&none, (nfds_t)1 << 32, 0) == 0, "2^32 is none");
	ok(poll(&none, 1, 0) == 0, "of one that is none");
	close(ends[0]);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	answers(select(ends[0] + 1, &set, NULL, NULL, &now), EBADF,
		"select of one that is closed");
	close(ends[1]);
}

int main(void)
{
	int fd;

	put_text("file", "hello");
	fd = open("file", O_RDWR);
	need(fd >= 0);
	seeks(fd);
	reads(fd);
	writes(fd);
	links();
	nodes();
	pipes();
	waits();
	need(unlink("file") == 0);
	return done();
}

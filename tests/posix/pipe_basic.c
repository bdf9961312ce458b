// SPDX-License-Identifier: BSD-3-Clause
/*
 * pipe() and pipe2() by one thread: bytes in order, both ends' closing, what
 * does not wait, and what a pipe is to the calls on files.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tap.h"

static char big[100000];

static void bytes(void)
{
	struct iovec out[3] = {{"one ", 4}, {NULL, 0}, {"two", 3}};
	char a[4] = "", b[8] = "";
	struct iovec in[2] = {{a, 3}, {b, 8}};
	int fds[2], left = -1;

	ok(pipe(fds) == 0 && fds[0] >= 0 && fds[1] > fds[0], "pipe");
	ok(write(fds[1], "hello", 5) == 5, "a write");
	ok(ioctl(fds[0], FIONREAD, &left) == 0 && left == 5, "FIONREAD");
	ok(read(fds[0], b, 2) == 2 && memcmp(b, "he", 2) == 0, "a part");
	ok(read(fds[0], b, 8) == 3 && memcmp(b, "llo", 3) == 0, "the rest");
	ok(writev(fds[1], out, 3) == 7, "writev");
	ok(readv(fds[0], in, 2) == 7 && memcmp(a, "one", 3) == 0 &&
		   memcmp(b, " two", 4) == 0,
	   "readv");
	ok(write(fds[1], "", 0) == 0 && read(fds[0], b, 0) == 0,
	   "nothing is nothing");
	fails(read(fds[1], b, 1), EBADF, "the writer cannot read");
	fails(write(fds[0], b, 1), EBADF, "nor the reader write");
	ok(write(fds[1], "x", 1) == 1 && close(fds[1]) == 0 &&
		   read(fds[0], b, 8) == 1 && b[0] == 'x',
	   "what was written outlives the writer");
	ok(read(fds[0], b, 8) == 0 && read(fds[0], b, 8) == 0, "then the end");
	close(fds[0]);
}

static void broken(void)
{
	int fds[2], copy;

	need(pipe(fds) == 0);
	copy = dup(fds[0]);
	close(fds[0]);
	ok(write(fds[1], "x", 1) == 1, "a copy of the reader is one");
	close(copy);
	fails(write(fds[1], "x", 1), EPIPE, "without a reader");
	ok(write(fds[1], "", 0) == 0, "nothing can be written to nobody");
	close(fds[1]);
}

static void not_waiting(void)
{
	int fds[2];
	ssize_t n, total = 0;

	ok(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0, "pipe2");
	ok((fcntl(fds[0], F_GETFL) & (O_ACCMODE | O_NONBLOCK)) ==
			   (O_RDONLY | O_NONBLOCK) &&
		   (fcntl(fds[1], F_GETFL) & (O_ACCMODE | O_NONBLOCK)) ==
			   (O_WRONLY | O_NONBLOCK),
	   "its flags");
	ok(fcntl(fds[0], F_GETFD) == FD_CLOEXEC &&
		   fcntl(fds[1], F_GETFD) == FD_CLOEXEC,
	   "close on exec");
	fails(read(fds[0], big, 1), EAGAIN, "an empty one");
	ok(write(fds[1], big, sizeof(big)) == 65536, "a part fits");
	fails(write(fds[1], big, 1), EAGAIN, "then it is full");
	ok(read(fds[0], big, PIPE_BUF) == PIPE_BUF, "room for a page");
	ok(write(fds[1], big, PIPE_BUF + 1) == PIPE_BUF,
	   "a large write is cut");
	ok(read(fds[0], big, PIPE_BUF) == PIPE_BUF &&
		   write(fds[1], big, PIPE_BUF) == PIPE_BUF,
	   "a small one is not");
	while ((n = read(fds[0], big, 1000)) > 0)
		total += n;
	ok(total == 65536 && errno == EAGAIN, "all of it comes out");
	fails(pipe2(fds, O_APPEND), EINVAL, "a flag that it has not");
}

static void order(void)
{
	int fds[2], same = 1;
	unsigned char next = 0, expected = 0, buf[777];

	need(pipe(fds) == 0);
	for (int i = 0; i < 2000; i++) {
		size_t len = 1 + i * 37 % sizeof(buf);

		for (size_t k = 0; k < len; k++)
			buf[k] = next++;
		need(write(fds[1], buf, len) == (ssize_t)len);
		memset(buf, 0, sizeof(buf));
		need(read(fds[0], buf, len) == (ssize_t)len);
		for (size_t k = 0; k < len; k++)
			same &= buf[k] == expected++;
	}
	ok(same, "bytes come in the order in which they went");
	close(fds[0]);
	close(fds[1]);
}

static void as_file(void)
{
	struct stat in, out;
	char name[64] = "", path[64];
	int fds[2];

	need(pipe(fds) == 0);
	ok(fstat(fds[0], &in) == 0 && fstat(fds[1], &out) == 0 &&
		   S_ISFIFO(in.st_mode) && (in.st_mode & 07777) == 0600,
	   "fstat");
	ok(in.st_ino == out.st_ino && in.st_dev == out.st_dev &&
		   in.st_nlink == 1 && in.st_size == 0 && in.st_blocks == 0,
	   "both ends are one");
	fails(lseek(fds[0], 0, SEEK_CUR), ESPIPE, "lseek");
	fails(pread(fds[0], path, 1, 0), ESPIPE, "pread");
	fails(pwrite(fds[1], path, 1, 0), ESPIPE, "pwrite");
	fails(ftruncate(fds[1], 0), EINVAL, "ftruncate");
	fails(fsync(fds[1]), EINVAL, "fsync");
	ok(!isatty(fds[0]), "no terminal");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[1]);
	ok(readlink(path, name, sizeof(name) - 1) > 0 &&
		   strncmp(name, "pipe:[", 6) == 0 &&
		   strtoul(name + 6, NULL, 10) == in.st_ino,
	   "its name in /proc");
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	bytes();
	broken();
	not_waiting();
	order();
	as_file();
	return done();
}

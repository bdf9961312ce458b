// SPDX-License-Identifier: BSD-3-Clause
/*
 * eventfd() by one thread: counting, the semaphore, limits, poll.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static int put(int fd, uint64_t value)
{
	return write(fd, &value, sizeof(value)) == sizeof(value);
}

static uint64_t got(int fd)
{
	uint64_t value = 0;

	return read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static short polled(int fd)
{
	struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};

	return poll(&one, 1, 0) >= 0 ? one.revents : -1;
}

static void counting(void)
{
	uint64_t word = 7, large[2] = {0, 99};
	int fd = eventfd(3, EFD_NONBLOCK);

	ok(fd >= 0, "eventfd");
	ok(got(fd) == 3, "its first value");
	fails(read(fd, &word, 8), EAGAIN, "is read once");
	ok(put(fd, 5) && put(fd, 6) && got(fd) == 11, "values add up");
	ok(put(fd, 0), "nothing is added");
	fails(read(fd, &word, 8), EAGAIN, "and is nothing");
	fails(read(fd, &word, 7), EINVAL, "too short a read");
	fails(write(fd, &word, 7), EINVAL, "too short a write");
	ok(put(fd, 4) && read(fd, large, 16) == 8 && large[0] == 4 &&
		   large[1] == 99,
	   "a long read is of 8 bytes");
	word = UINT64_MAX;
	fails(write(fd, &word, 8), EINVAL, "too large a value");
	ok(put(fd, UINT64_MAX - 1), "the largest");
	word = 1;
	fails(write(fd, &word, 8), EAGAIN, "has no room for more");
	ok(polled(fd) == POLLIN, "poll: full");
	ok(got(fd) == UINT64_MAX - 1, "it comes out");
	ok(polled(fd) == POLLOUT, "poll: empty");
	ok(put(fd, 1) && polled(fd) == (POLLIN | POLLOUT), "poll: between");
	close(fd);
}

static void semaphore(void)
{
	int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
	uint64_t word;

	ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "a semaphore");
	ok(got(fd) == 1 && got(fd) == 1, "is read one by one");
	fails(read(fd, &word, 8), EAGAIN, "until it is 0");
	ok(put(fd, 3) && got(fd) == 1 && polled(fd) == (POLLIN | POLLOUT),
	   "a write adds any number");
	close(fd);
}

static void as_file(void)
{
	char path[64], name[64] = "";
	int fd = eventfd(0, 0);
	struct stat st;

	need(fd >= 0);
	ok((fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == O_RDWR, "flags");
	ok(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0600 &&
		   st.st_size == 0,
	   "fstat");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok(readlink(path, name, sizeof(name) - 1) > 0 &&
		   strcmp(name, "anon_inode:[eventfd]") == 0,
	   "its name in /proc");
	fails(eventfd(0, 2), EINVAL, "a flag that it has not");
	close(fd);
}

int main(void)
{
	counting();
	semaphore();
	as_file();
	return done();
}

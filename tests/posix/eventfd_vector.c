// SPDX-License-Identifier: BSD-3-Clause
/*
 * Vectors and eventfd: writev() is a write for each buffer, readv() is one
 * read.
 */
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "answers.h"

static uint64_t take(int fd)
{
	uint64_t value;

	return read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static void writes(int fd)
{
	uint64_t two = 2, three = 3, none = 0, all = UINT64_MAX;
	struct iovec both[] = {{&two, 8}, {&three, 8}};
	struct iovec gap[] = {{&two, 8}, {NULL, 0}, {&three, 8}};
	struct iovec short_first[] = {{&two, 4}, {&three, 8}};
	struct iovec short_last[] = {{&two, 8}, {&three, 4}};
	struct iovec bad_last[] = {{&two, 8}, {&all, 8}};
	struct iovec bad_first[] = {{&all, 8}, {&two, 8}};
	struct iovec zero[] = {{&none, 8}, {&three, 8}};

	ok(writev(fd, both, 2) == 16 && take(fd) == 5, "both are added");
	ok(writev(fd, gap, 3) == 16 && take(fd) == 5,
	   "an empty buffer between them is nothing");
	answers(writev(fd, short_first, 2), EINVAL, "a short first one");
	ok(take(fd) == 0, "adds nothing");
	ok(writev(fd, short_last, 2) == 8 && take(fd) == 2,
	   "a short last one ends it");
	ok(writev(fd, bad_last, 2) == 8 && take(fd) == 2,
	   "so does a value that is none");
	answers(writev(fd, bad_first, 2), EINVAL, "which first is an error");
	ok(writev(fd, zero, 2) == 16 && take(fd) == 3, "0 is a value");
}

/* What does not fit any more is not waited for without reason. */
static void full(int fd)
{
	uint64_t most = UINT64_MAX - 1, one = 1;
	struct iovec both[] = {{&most, 8}, {&one, 8}};

	ok(writev(fd, both, 2) == 8, "the first fills the counter");
	answers(writev(fd, &both[1], 1), EAGAIN, "no more fits");
	ok(take(fd) == most, "the first is all that is there");
}

static void reads(int fd)
{
	uint64_t seven = 7, a = 0, b = 0;
	struct iovec both[] = {{&a, 8}, {&b, 8}};
	struct iovec halves[] = {{&a, 4}, {&b, 4}};

	need(write(fd, &seven, 8) == 8);
	ok(readv(fd, both, 2) == 8 && a == 7 && b == 0, "readv reads once");
	answers(readv(fd, both, 2), EAGAIN, "and leaves nothing");
	need(write(fd, &seven, 8) == 8);
	ok(readv(fd, halves, 2) == 8 && a == 7 && b == 0, "into two halves");
	need(write(fd, &seven, 8) == 8);
	answers(readv(fd, halves, 1), EINVAL, "not into one");
	ok(take(fd) == 7, "the value stays");
}

static void semaphore(void)
{
	int fd = eventfd(3, EFD_NONBLOCK | EFD_SEMAPHORE);
	uint64_t a = 0, b = 0;
	struct iovec both[] = {{&a, 8}, {&b, 8}};

	need(fd >= 0);
	ok(readv(fd, both, 2) == 8 && a == 1 && b == 0,
	   "a semaphore gives one a call");
	ok(take(fd) == 1 && take(fd) == 1 && take(fd) == 0, "two are left");
	close(fd);
}

int main(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	need(fd >= 0);
	writes(fd);
	full(fd);
	reads(fd);
	semaphore();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * RLIMIT_FSIZE: a write is cut at the limit, and at it ends with SIGXFSZ and
 * EFBIG.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

enum { LIMIT = 5000 };

static volatile int signals;

static void count(int signal)
{
	signals += signal == SIGXFSZ;
}

static void limit_to(rlim_t bytes)
{
	struct rlimit limit;

	need(getrlimit(RLIMIT_FSIZE, &limit) == 0);
	limit.rlim_cur = bytes;
	need(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* Too large: the error, and one signal. */
static void too_large(long result, const char *what)
{
	int good = result == -1 && errno == EFBIG;

	ok(good && signals == 1, what);
	signals = 0;
}

/* Nothing is told while the limit is in force: output may be a file too. */
struct facts {
	long cut, at, past, vector, end, below;
	int errors[8], signals[8];
};

static void note(struct facts *facts, int i)
{
	facts->errors[i] = errno;
	facts->signals[i] = signals;
	signals = 0;
}

static void writes(int fd, struct facts *facts)
{
	char data[64];
	struct iovec vector[2] = {{data, 10}, {data, 20}};

	memset(data, 'x', sizeof(data));
	limit_to(LIMIT);
	errno = 0;
	facts->cut = pwrite(fd, data, 64, LIMIT - 14);
	note(facts, 0);
	facts->at = pwrite(fd, data, 1, LIMIT);
	note(facts, 1);
	facts->past = pwrite(fd, data, 1, 10 * LIMIT);
	note(facts, 2);
	need(lseek(fd, LIMIT - 15, SEEK_SET) >= 0);
	facts->vector = writev(fd, vector, 2);
	note(facts, 3);
	facts->end = write(fd, data, 1);
	note(facts, 4);
	facts->below = pwrite(fd, data, 64, 0);
	note(facts, 5);
	limit_to(RLIM_INFINITY);
}

static void sizes(int fd)
{
	long result;
	int error;

	limit_to(LIMIT);
	result = ftruncate(fd, LIMIT + 1);
	error = errno;
	limit_to(RLIM_INFINITY);
	errno = error;
	too_large(result, "ftruncate");
	limit_to(LIMIT);
	result = truncate("file", LIMIT + 1);
	error = errno;
	limit_to(RLIM_INFINITY);
	errno = error;
	too_large(result, "truncate");
	limit_to(LIMIT);
	result = fallocate(fd, 0, 0, LIMIT + 1);
	error = errno;
	limit_to(RLIM_INFINITY);
	errno = error;
	too_large(result, "fallocate");
	ok(size_of("file") == LIMIT, "the size stays");
	limit_to(LIMIT);
	result = ftruncate(fd, LIMIT) + ftruncate(fd, 10);
	limit_to(RLIM_INFINITY);
	ok(result == 0 && signals == 0, "to the limit, or below, is fine");
}

static void others(void)
{
	int ends[2];
	long n;

	need(pipe(ends) == 0);
	limit_to(1);
	n = write(ends[1], "hello", 5);
	limit_to(RLIM_INFINITY);
	ok(n == 5 && signals == 0, "a pipe has no size");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct facts facts;

	need(fd >= 0 && signal(SIGXFSZ, count) != SIG_ERR);
	writes(fd, &facts);
	ok(facts.cut == 14 && facts.signals[0] == 0, "a write is cut");
	ok(facts.at == -1 && facts.errors[1] == EFBIG && facts.signals[1] == 1,
	   "at the limit it fails, with a signal");
	ok(facts.past == -1 && facts.errors[2] == EFBIG &&
		   facts.signals[2] == 1,
	   "past it too");
	ok(facts.vector == 15 && facts.signals[3] == 0, "a vector is cut");
	ok(facts.end == -1 && facts.errors[4] == EFBIG && facts.signals[4] == 1,
	   "and leaves the position at the limit");
	ok(facts.below == 64 && facts.signals[5] == 0, "below all is well");
	ok(size_of("file") == LIMIT, "the file is as large as it may be");
	sizes(fd);
	others();
	need(unlink("file") == 0);
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads that keep each other out by locks on a file: flock, and fcntl's that
 * belong to an open file.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <unistd.h>

#include "tap.h"

enum { THREADS = 3, ROUNDS = 60 };

static int by_flock(int fd, int take)
{
	return flock(fd, take ? LOCK_EX : LOCK_UN);
}

static int by_fcntl(int fd, int take)
{
	struct flock lock = {.l_type = take ? F_WRLCK : F_UNLCK,
			     .l_whence = SEEK_SET,
			     .l_start = 10,
			     .l_len = 5};

	return fcntl(fd, F_OFD_SETLKW, &lock);
}

static int (*change)(int fd, int take);
static long inside, count, overlaps;

static void *enter(void *arg)
{
	int fd = open("file", O_RDWR);

	for (int i = 0; i < ROUNDS; i++) {
		need(change(fd, 1) == 0);
		if (__atomic_add_fetch(&inside, 1, __ATOMIC_RELAXED) != 1)
			__atomic_add_fetch(&overlaps, 1, __ATOMIC_RELAXED);
		count++;
		__atomic_sub_fetch(&inside, 1, __ATOMIC_RELAXED);
		need(change(fd, 0) == 0);
	}
	close(fd);
	return arg;
}

static void keeps_out(int (*function)(int, int), const char *what)
{
	pthread_t threads[THREADS];

	change = function;
	count = 0;
	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, enter, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(overlaps == 0 && count == THREADS * ROUNDS, what);
}

/* A lock that is taken while its descriptor is closed does not stay. */
static int shared = -1;

static void *close_it(void *arg)
{
	close(shared);
	return arg;
}

static void closing(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct flock test = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int other = open("other", O_CREAT | O_RDWR, 0644), left = 0;

	close(other);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_t thread;

		shared = open("other", O_RDWR);
		need(pthread_create(&thread, NULL, close_it, NULL) == 0);
		fcntl(shared, F_SETLK, &lock);
		need(pthread_join(thread, NULL) == 0);
		other = open("other", O_RDWR);
		test.l_type = F_WRLCK;
		test.l_pid = 0;
		need(fcntl(other, F_OFD_GETLK, &test) == 0);
		left += test.l_type != F_UNLCK;
		close(other);
	}
	ok(left == 0, "a close in the midst leaves no lock");
	unlink("other");
}

int main(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0644);

	need(fd >= 0);
	close(fd);
	keeps_out(by_flock, "flock");
	keeps_out(by_fcntl, "F_OFD_SETLKW");
	closing();
	unlink("file");
	return done();
}

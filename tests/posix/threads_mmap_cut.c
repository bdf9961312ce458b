// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads that read and write mappings of a file, map it and read it, while
 * another cuts it and has it grow: each sees a byte of the file's, or SIGBUS.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { PAGE = 4096, PAGES = 16, BYTES = PAGES * PAGE, ROUNDS = 50 };

static _Thread_local sigjmp_buf back;
static atomic_int wrong, finished, seen_end, seen_byte;
static int fd;

static void handle(int signal)
{
	siglongjmp(back, signal);
}

/* The byte at (at), which becomes (next) if that is not 0; or -1: SIGBUS. */
static int touch(volatile char *at, char next)
{
	if (sigsetjmp(back, 1) != 0)
		return -1;
	if (next != 0)
		*at = next;
	return *at;
}

/* (i) may wrap: a loop is quick. */
static void look(char *at, unsigned i, char next)
{
	int byte = touch(at + (i * 7 + 3) % PAGES * PAGE + i % PAGE, next);

	if (i % 64 == 0)
		sched_yield();
	if (byte < 0)
		seen_end++;
	else if (byte == 0 || byte == 'w')
		seen_byte++;
	else
		wrong++;
}

static void *use_shared(void *arg)
{
	char *at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	need(at != MAP_FAILED);
	for (unsigned i = 0; !finished; i++)
		look(at, i, i % 3 == 0 ? 'w' : 0);
	need(munmap(at, BYTES) == 0);
	return arg;
}

static void *use_private(void *arg)
{
	for (unsigned round = 0; !finished; round++) {
		char *at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
				MAP_PRIVATE, fd, 0);

		need(at != MAP_FAILED);
		for (unsigned i = 0; i < PAGES; i++)
			look(at, round + i, i % 4 == 0 ? 'w' : 0);
		need(munmap(at, BYTES) == 0);
	}
	return arg;
}

static void *use_calls(void *arg)
{
	char buf[100];

	for (unsigned i = 0; !finished; i++) {
		ssize_t n = pread(fd, buf, sizeof(buf), i * 1237 % BYTES);

		wrong += n < 0;
		for (ssize_t k = 0; k < n; k++)
			wrong += buf[k] != 0 && buf[k] != 'w';
	}
	return arg;
}

int main(void)
{
	void *(*const users[])(void *) = {use_shared, use_private, use_calls,
					  use_shared};
	enum { USERS = sizeof(users) / sizeof(users[0]) };
	pthread_t thread[USERS];

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	need(fd >= 0 && ftruncate(fd, BYTES) == 0);
	need(signal(SIGBUS, handle) != SIG_ERR);
	for (int i = 0; i < USERS; i++)
		need(pthread_create(&thread[i], NULL, users[i], NULL) == 0);
	for (int i = 0; i < ROUNDS || seen_end == 0 || seen_byte == 0; i++) {
		need(ftruncate(fd, i * 911 % BYTES) == 0);
		usleep(100);
		need(ftruncate(fd, BYTES) == 0);
		usleep(100);
	}
	finished = 1;
	for (int i = 0; i < USERS; i++)
		need(pthread_join(thread[i], NULL) == 0);
	ok(wrong == 0, "each byte is the file's");
	need(ftruncate(fd, 0) == 0 && ftruncate(fd, BYTES) == 0);
	ok(use_calls(NULL) == NULL && wrong == 0, "zeroes in the end");
	need(unlink("file") == 0);
	return done();
}

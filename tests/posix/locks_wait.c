// SPDX-License-Identifier: BSD-3-Clause
/*
 * Locks that wait: flock(), and fcntl()'s locks of open file descriptions.
 * Threads that take them by turns never meet, and who waits is let in.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/file.h>
#include <unistd.h>

#include "tap.h"

enum { THREADS = 3, ROUNDS = 20 };

static int inside, shared, broken;

static int ofd(int fd, int command, short type, off_t start, off_t len)
{
	struct flock lock = {.l_type = type, .l_start = start, .l_len = len};

	return fcntl(fd, command, &lock);
}

/* What is done under a lock of one's own: nobody else is there. */
static void alone(void)
{
	if (__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST) != 0)
		broken = 1;
	shared++;
	sched_yield();
	__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
}

static void *by_flock(void *arg)
{
	int fd = open("file", O_RDWR);

	for (int i = 0; i < ROUNDS; i++) {
		if (flock(fd, LOCK_EX) != 0)
			broken = 1;
		alone();
		if (flock(fd, LOCK_UN) != 0)
			broken = 1;
	}
	close(fd);
	return arg;
}

static void *by_record(void *arg)
{
	int fd = open("file", O_RDWR);

	for (int i = 0; i < ROUNDS; i++) {
		if (ofd(fd, F_OFD_SETLKW, F_WRLCK, 10, 10) != 0)
			broken = 1;
		alone();
		if (ofd(fd, F_OFD_SETLK, F_UNLCK, 0, 0) != 0)
			broken = 1;
	}
	close(fd);
	return arg;
}

static void by_turns(void *(*function)(void *), const char *what)
{
	pthread_t threads[THREADS];

	shared = 0;
	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, function, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(!broken && shared == THREADS * ROUNDS, what);
}

struct request {
	int fd;
	short type;
	int result;
};

static void *wait_record(void *arg)
{
	struct request *r = arg;

	r->result = ofd(r->fd, F_OFD_SETLKW, r->type, 0, 100);
	return NULL;
}

static void *wait_flock(void *arg)
{
	struct request *r = arg;

	r->result = flock(r->fd, r->type);
	return NULL;
}

static void let_wait(void)
{
	for (int i = 0; i < 100; i++)
		sched_yield();
}

static void released(void)
{
	int first = open("file", O_RDWR), second = open("file", O_RDWR);
	struct request r = {.fd = second, .type = F_WRLCK};
	pthread_t thread;

	need(ofd(first, F_OFD_SETLK, F_RDLCK, 50, 1) == 0);
	fails(ofd(second, F_OFD_SETLK, F_WRLCK, 0, 100), EAGAIN,
	      "a lock is held");
	need(pthread_create(&thread, NULL, wait_record, &r) == 0);
	let_wait();
	close(first);
	need(pthread_join(thread, NULL) == 0);
	ok(r.result == 0, "its holder's closing lets others in");
	first = open("file", O_RDWR);
	need(flock(first, LOCK_EX) == 0);
	fails(flock(second, LOCK_SH | LOCK_NB), EAGAIN, "flock is held");
	r.type = LOCK_SH;
	need(pthread_create(&thread, NULL, wait_flock, &r) == 0);
	let_wait();
	need(flock(first, LOCK_SH) == 0);
	need(pthread_join(thread, NULL) == 0);
	ok(r.result == 0, "a weaker lock lets others in");
	close(first);
	close(second);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	by_turns(by_flock, "flock");
	by_turns(by_record, "locks of descriptions");
	released();
	close(fd);
	return done();
}

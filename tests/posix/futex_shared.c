// SPDX-License-Identifier: BSD-3-Clause
/*
 * Futexes in a file that is mapped twice: without FUTEX_PRIVATE a word is one
 * wherever it is mapped, with it each address is a word of its own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "futex.h"
#include "tap.h"

enum { SIZE = 8192, ROUNDS = 200, PATIENCE_S = 20 };

/* Two mappings of the same file: words 0 to 15, and a semaphore. */
static uint32_t *one, *other;
static atomic_int handled;

static void map(void)
{
	int fd = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0600);

	need(fd >= 0 && ftruncate(fd, SIZE) == 0);
	one = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	other = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(one != MAP_FAILED && other != MAP_FAILED && one != other);
	close(fd);
}

struct waiter {
	pthread_t thread;
	uint32_t *word;
	int flags;
	long result;
	int error;
	atomic_int ended;
};

static void *wait_for_word(void *arg)
{
	struct waiter *w = arg;

	w->result = futex(w->word, WAIT | w->flags, *w->word, 0, NULL, 0);
	w->error = errno;
	w->ended = 1;
	return arg;
}

static void begin(struct waiter *w, uint32_t *word, int flags)
{
	*w = (struct waiter){.word = word, .flags = flags};
	need(pthread_create(&w->thread, NULL, wait_for_word, w) == 0);
}

static long end(struct waiter *w)
{
	need(pthread_join(w->thread, NULL) == 0);
	errno = w->error;
	return w->result;
}

/* Until somebody was woken, who may not have waited yet. */
static int wake_one(uint32_t *word, int flags)
{
	time_t start = time(NULL);

	while (futex(word, WAKE | flags, 1, 0, NULL, 0) == 0) {
		need(time(NULL) < start + PATIENCE_S);
		sched_yield();
	}
	return 1;
}

static void waking(void)
{
	struct waiter w, v;

	begin(&w, &one[0], 0);
	wake_one(&other[0], 0);
	ok(end(&w) == 0, "a word is woken at its other address");
	begin(&w, &one[1023], 0);
	wake_one(&one[1023], 0);
	ok(end(&w) == 0, "and at the same");
	begin(&w, &one[0], PRIVATE);
	begin(&v, &one[1], PRIVATE);
	wake_one(&one[1], PRIVATE); /* so much time has passed */
	ok(end(&v) == 0, "a private one at the same");
	ok(futex(&other[0], WAKE | PRIVATE, 1, 0, NULL, 0) == 0,
	   "and nowhere else");
	wake_one(&one[0], PRIVATE);
	need(end(&w) == 0);
	fails(futex(&other[0], WAIT, 1, 0, NULL, 0), EAGAIN, "another value");
}

static void moving(void)
{
	struct waiter w;
	long back = 1;

	/* A kernel may send it back, now and then: see futex_wake.c. */
	for (int tries = 0; back != 0 && tries < 10; tries++) {
		need(tries == 0 || end(&w) == 0);
		begin(&w, &one[2], 0);
		while (futex(&other[2], CMP_REQUEUE, 0, 1, &other[1500], 0) ==
		       0)
			sched_yield();
		back = futex(&one[2], WAKE, 1, 0, NULL, 0);
	}
	ok(back == 0, "a waiter is moved away");
	ok(wake_one(&one[1500], 0) == 1 && end(&w) == 0,
	   "to a word in another page");
	begin(&w, &one[4], 0);
	/* Word 4 becomes 0, and was 0: those who wait there wake. */
	while (futex(&other[3], WAKE_OP, 1, 1, &other[4], 0) == 0)
		sched_yield();
	ok(end(&w) == 0, "one is woken by another's value");
}

static void times(void)
{
	struct timespec moment = {.tv_nsec = 20000000}, past = {.tv_sec = 1};

	fails(futex(&one[5], WAIT, 0, (long)&moment, NULL, 0), ETIMEDOUT,
	      "a wait ends in time");
	fails(futex(&one[5], WAIT_BITSET | REALTIME, 0, (long)&past, NULL, 1),
	      ETIMEDOUT, "at a deadline that has passed");
	fails(futex(&one[5], WAIT_BITSET, 0, (long)&moment, NULL, 0), EINVAL,
	      "without bits");
	fails(futex(&one[5], WAIT_BITSET, 1, (long)&moment, NULL, 1), EAGAIN,
	      "another value, after the deadline");
}

static void handler(int signal)
{
	handled += signal == SIGUSR1;
}

static void interrupting(void)
{
	struct sigaction action = {.sa_handler = handler};
	struct timespec moment = {.tv_nsec = 1000000};
	struct waiter w;

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	begin(&w, &one[6], 0);
	while (!w.ended) {
		need(pthread_kill(w.thread, SIGUSR1) == 0);
		nanosleep(&moment, NULL);
	}
	ok(end(&w) == -1 && errno == EINTR, "a signal ends a wait");
}

static void *post_back(void *arg)
{
	sem_t *sems = arg;

	for (int i = 0; i < ROUNDS; i++) {
		while (sem_wait(&sems[0]) != 0)
			continue;
		sem_post(&sems[1]);
	}
	return arg;
}

/* Each thread by a mapping of its own. */
static void semaphores(void)
{
	sem_t *sems = (void *)&one[64], *again = (void *)&other[64];
	pthread_t thread;
	int rounds = 0;

	need(sem_init(&sems[0], 1, 0) == 0 && sem_init(&sems[1], 1, 0) == 0);
	need(pthread_create(&thread, NULL, post_back, again) == 0);
	for (; rounds < ROUNDS; rounds++) {
		sem_post(&sems[0]);
		while (sem_wait(&sems[1]) != 0)
			continue;
	}
	need(pthread_join(thread, NULL) == 0);
	ok(rounds == ROUNDS, "semaphores");
}

int main(void)
{
	map();
	waking();
	moving();
	times();
	interrupting();
	semaphores();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Semaphores: values, tries, times, and those that have a name.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { ROUNDS = 2000 };

static sem_t full, empty;
static long sum, item;

static void values(void)
{
	struct timespec past = {1, 0}, bad = {1, 1000000000};
	int value = -1;
	sem_t sem;

	need(sem_init(&sem, 0, 2) == 0);
	ok(sem_getvalue(&sem, &value) == 0 && value == 2, "its value");
	ok(sem_wait(&sem) == 0 && sem_trywait(&sem) == 0, "taken twice");
	fails(sem_trywait(&sem), EAGAIN, "nothing left");
	fails(sem_timedwait(&sem, &past), ETIMEDOUT, "nor for a while");
	fails(sem_timedwait(&sem, &bad), EINVAL, "a time that is none");
	ok(sem_post(&sem) == 0 && sem_timedwait(&sem, &past) == 0,
	   "what is there does not wait");
	ok(sem_destroy(&sem) == 0, "gone");
	fails(sem_init(&sem, 0, (unsigned)SEM_VALUE_MAX + 1), EINVAL,
	      "too many");
	need(sem_init(&sem, 1, SEM_VALUE_MAX) == 0);
	fails(sem_post(&sem), EOVERFLOW, "one more than too many");
}

static void *produce(void *arg)
{
	for (long i = 1; i <= ROUNDS; i++) {
		need(sem_wait(&empty) == 0);
		item = i;
		need(sem_post(&full) == 0);
	}
	return arg;
}

static void pass(void)
{
	pthread_t thread;

	need(sem_init(&full, 0, 0) == 0 && sem_init(&empty, 0, 1) == 0);
	need(pthread_create(&thread, NULL, produce, NULL) == 0);
	for (int i = 0; i < ROUNDS; i++) {
		need(sem_wait(&full) == 0);
		sum += item;
		need(sem_post(&empty) == 0);
	}
	need(pthread_join(thread, NULL) == 0);
	ok(sum == ROUNDS * (ROUNDS + 1l) / 2, "items go from one to the other");
}

static void named(void)
{
	char name[64], other[64];
	sem_t *sem, *again;
	int value = -1;

	snprintf(name, sizeof(name), "/eft-test-%ld", (long)getpid());
	snprintf(other, sizeof(other), "/eft-none-%ld", (long)getpid());
	sem_unlink(name);
	sem = sem_open(name, O_CREAT | O_EXCL, 0600, 3);
	ok(sem != SEM_FAILED, "one with a name");
	need(sem != SEM_FAILED);
	ok(sem_getvalue(sem, &value) == 0 && value == 3, "its value");
	again = sem_open(name, 0);
	ok(again == sem, "the same for who opens it again");
	ok(sem_open(name, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED &&
		   errno == EEXIST,
	   "it exists");
	ok(sem_post(sem) == 0 && sem_getvalue(again, &value) == 0 && value == 4,
	   "posted");
	ok(sem_close(again) == 0 && sem_close(sem) == 0, "closed");
	ok(sem_unlink(name) == 0, "its name is gone");
	fails(sem_unlink(name), ENOENT, "it was gone already");
	ok(sem_open(other, 0) == SEM_FAILED && errno == ENOENT,
	   "another is not there");
}

int main(void)
{
	values();
	pass();
	named();
	return done();
}

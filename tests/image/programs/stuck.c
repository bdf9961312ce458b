// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sleeps for ever: a thread each, or several, in what the arguments name; main
 * waits for the last.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t ring[3] = {
	PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER,
};
static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t written = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t two, three;
static sem_t none;
static int ends[2];

static void *own_lock(void *arg)
{
	pthread_mutex_lock(&taken);
	pthread_mutex_lock(&taken);
	return arg;
}

static void *own_counted_lock(void *arg)
{
	static pthread_mutex_t counted;
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&counted, &attr);
	pthread_mutex_lock(&counted);
	pthread_mutex_lock(&counted);
	return arg;
}

static void *turn(void *arg)
{
	static int next;
	int me = __atomic_fetch_add(&next, 1, __ATOMIC_SEQ_CST);

	pthread_mutex_lock(&ring[me]);
	pthread_barrier_wait(&three);
	pthread_mutex_lock(&ring[(me + 1) % 3]);
	return arg;
}

static void *condition(void *arg)
{
	static pthread_mutex_t free_meanwhile = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&free_meanwhile);
	pthread_cond_wait(&never, &free_meanwhile);
	return arg;
}

static void *semaphore(void *arg)
{
	sem_wait(&none);
	return arg;
}

static void *barrier(void *arg)
{
	pthread_barrier_wait(&two);
	return arg;
}

static void *rwlock(void *arg)
{
	pthread_rwlock_rdlock(&written);
	return arg;
}

static void *pipe_end(void *arg)
{
	char byte;

	if (read(ends[0], &byte, 1) != 1)
		abort();
	return arg;
}

static void *stream(void *arg)
{
	flockfile(stderr);
	return arg;
}

static const struct {
	const char *name;
	void *(*function)(void *);
	int count;
} kinds[] = {
	{"counted", own_counted_lock, 1},
	{"ring", turn, 3},
	{"condition", condition, 1},
	{"semaphore", semaphore, 8},
	{"barrier", barrier, 1},
	{"rwlock", rwlock, 1},
	{"pipe", pipe_end, 1},
	{"stream", stream, 1},
};

int main(int argc, char **argv)
{
	pthread_t last;

	if (argc < 2)
		own_lock(NULL);
	if (pipe(ends) != 0)
		return 1;
	sem_init(&none, 0, 0);
	pthread_barrier_init(&two, NULL, 2);
	pthread_barrier_init(&three, NULL, 3);
	pthread_rwlock_wrlock(&written);
	flockfile(stderr);
	for (int i = 1; i < argc; i++) {
		for (unsigned k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
			if (strcmp(kinds[k].name, argv[i]) != 0)
				continue;
			for (int n = 0; n < kinds[k].count; n++)
				pthread_create(&last, NULL, kinds[k].function,
					       NULL);
		}
	}
	pthread_join(last, NULL);
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: shared_memory FILE make|answer|ask
 *
 * Two processes that have FILE mapped: `make` prepares what they share; one
 * answers each time that the other asks, by semaphores, and they count by turns
 * under a mutex and a condition. Another thread of each naps meanwhile, and has
 * to.
 */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 100, TURNS = 40 };

struct shared {
	sem_t asked, answered;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int count;
};

static atomic_int naps;

static void *nap(void *arg)
{
	struct timespec moment = {.tv_nsec = 1000000};

	for (;;) {
		nanosleep(&moment, NULL);
		naps++;
	}
	return arg;
}

static void make(struct shared *shared)
{
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;

	sem_init(&shared->asked, 1, 0);
	sem_init(&shared->answered, 1, 0);
	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->mutex, &mutex);
	pthread_condattr_init(&cond);
	pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&shared->changed, &cond);
}

/* The one who asks makes even numbers odd, the other odd ones even. */
static void take_turns(struct shared *shared, int asks)
{
	pthread_mutex_lock(&shared->mutex);
	while (shared->count < 2 * TURNS) {
		if (shared->count % 2 != asks) {
			shared->count++;
			pthread_cond_broadcast(&shared->changed);
		} else {
			pthread_cond_wait(&shared->changed, &shared->mutex);
		}
	}
	pthread_mutex_unlock(&shared->mutex);
}

static void talk(struct shared *shared, int asks)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (asks)
			sem_post(&shared->asked);
		while (sem_wait(asks ? &shared->answered : &shared->asked) != 0)
			continue;
		if (!asks)
			sem_post(&shared->answered);
	}
}

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[1], O_RDWR | O_CREAT, 0600) : -1;
	struct shared *shared;
	pthread_t thread;
	int asks;

	if (fd < 0 || ftruncate(fd, sizeof(*shared)) != 0)
		return 2;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	if (shared == MAP_FAILED)
		return 3;
	if (strcmp(argv[2], "make") == 0) {
		make(shared);
		return 0;
	}
	asks = strcmp(argv[2], "ask") == 0;
	if (pthread_create(&thread, NULL, nap, NULL) != 0)
		return 4;
	if (asks) /* the other waits for a while */
		nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	talk(shared, asks);
	take_turns(shared, asks);
	printf("%d, %s\n", shared->count, naps > 0 ? "napped" : "no nap");
	return 0;
}

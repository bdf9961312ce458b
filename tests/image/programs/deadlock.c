// SPDX-License-Identifier: BSD-3-Clause
/* Two threads that wait for each other's mutex, and a third for them. */
#define _GNU_SOURCE
#include <pthread.h>

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;

static void *lock_first(void *arg)
{
	pthread_setname_np(pthread_self(), "one");
	pthread_mutex_lock(&first);
	pthread_barrier_wait(&both);
	pthread_mutex_lock(&second);
	return arg;
}

static void *lock_second(void *arg)
{
	pthread_setname_np(pthread_self(), "other");
	pthread_mutex_lock(&second);
	pthread_barrier_wait(&both);
	pthread_mutex_lock(&first);
	return arg;
}

int main(void)
{
	pthread_t one, other;

	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&one, NULL, lock_first, NULL);
	pthread_create(&other, NULL, lock_second, NULL);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return 0;
}

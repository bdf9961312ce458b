// SPDX-License-Identifier: BSD-3-Clause
/*
 * Read-write locks: who may come in together, tries, times.
 */
#include <pthread.h>
#include <time.h>

#include "tap.h"

enum { READERS = 4 };

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t inside;
static int written;

static void *read_together(void *arg)
{
	need(pthread_rwlock_rdlock(&lock) == 0);
	pthread_barrier_wait(&inside);
	need(pthread_rwlock_unlock(&lock) == 0);
	return arg;
}

static void together(void)
{
	pthread_t threads[READERS];

	need(pthread_barrier_init(&inside, NULL, READERS + 1) == 0);
	for (int i = 0; i < READERS; i++)
		need(pthread_create(&threads[i], NULL, read_together, NULL) ==
		     0);
	need(pthread_rwlock_rdlock(&lock) == 0);
	pthread_barrier_wait(&inside);
	ok(1, "all readers are in at once");
	need(pthread_rwlock_unlock(&lock) == 0);
	for (int i = 0; i < READERS; i++)
		need(pthread_join(threads[i], NULL) == 0);
}

static void *try_all(void *arg)
{
	struct timespec past = {1, 0}, bad = {1, -1};
	int *results = arg;

	results[0] = pthread_rwlock_tryrdlock(&lock);
	if (results[0] == 0)
		pthread_rwlock_unlock(&lock);
	results[1] = pthread_rwlock_trywrlock(&lock);
	if (results[1] == 0)
		pthread_rwlock_unlock(&lock);
	results[2] = pthread_rwlock_timedwrlock(&lock, &past);
	results[3] = pthread_rwlock_timedrdlock(&lock, &past);
	if (results[3] == 0)
		pthread_rwlock_unlock(&lock);
	results[4] = pthread_rwlock_timedwrlock(&lock, &bad);
	return NULL;
}

static void ask_another(int *results)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, try_all, results) == 0);
	need(pthread_join(thread, NULL) == 0);
}

static void tries(void)
{
	int results[5];

	need(pthread_rwlock_rdlock(&lock) == 0);
	ask_another(results);
	ok(results[0] == 0, "another reader comes in");
	ok(results[1] == EBUSY, "a writer does not");
	ok(results[2] == ETIMEDOUT, "and waits no longer than it said");
	ok(results[3] == 0, "a reader does not wait");
	ok(results[4] == EINVAL, "a time that is none");
	need(pthread_rwlock_unlock(&lock) == 0);
	need(pthread_rwlock_wrlock(&lock) == 0);
	ask_another(results);
	ok(results[0] == EBUSY && results[1] == EBUSY,
	   "a writer is in: nobody comes in");
	ok(results[2] == ETIMEDOUT && results[3] == ETIMEDOUT,
	   "nor waits for it for ever");
	need(pthread_rwlock_unlock(&lock) == 0);
}

static void *write_once(void *arg)
{
	need(pthread_rwlock_wrlock(&lock) == 0);
	written++;
	need(pthread_rwlock_unlock(&lock) == 0);
	return arg;
}

static void writers(void)
{
	pthread_t threads[READERS];

	need(pthread_rwlock_rdlock(&lock) == 0);
	for (int i = 0; i < READERS; i++)
		need(pthread_create(&threads[i], NULL, write_once, NULL) == 0);
	ok(written == 0, "writers wait for readers");
	need(pthread_rwlock_unlock(&lock) == 0);
	for (int i = 0; i < READERS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(written == READERS, "and then write, one at a time");
	ok(pthread_rwlock_destroy(&lock) == 0, "no lock any more");
}

int main(void)
{
	together();
	tries();
	writers();
	return done();
}

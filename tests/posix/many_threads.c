// SPDX-License-Identifier: BSD-3-Clause
/*
 * More threads than there is use for: all of them start, or the one too many
 * is refused; and what they took comes back, so that it works again.
 */
#include <limits.h>
#include <pthread.h>

#include "tap.h"

enum { MANY = 10000, STACK = 32 << 10, ROUNDS = 2 };

static pthread_t threads[MANY];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready, here;

static void *wait_for_start(void *arg)
{
	pthread_mutex_lock(&mutex);
	here++;
	while (!ready)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	return arg;
}

/* How many threads there were; (*ret_error) why no more. */
static int start_all(int *ret_error)
{
	pthread_attr_t attr;
	int count = 0;

	*ret_error = 0;
	need(pthread_attr_init(&attr) == 0);
	need(pthread_attr_setstacksize(&attr, STACK) == 0);
	while (count < MANY && *ret_error == 0) {
		*ret_error =
			pthread_create(&threads[count], &attr, wait_for_start,
				       (void *)(count + 1l));
		count += *ret_error == 0;
	}
	return count;
}

static void round_of_all(void)
{
	int error, count, right = 1;

	ready = here = 0;
	count = start_all(&error);
	ok(count > 100, "many threads start");
	ok(error == 0 || error == EAGAIN, "or the next is refused");
	pthread_mutex_lock(&mutex);
	ready = 1;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < count; i++) {
		void *result;

		need(pthread_join(threads[i], &result) == 0);
		right &= result == (void *)(i + 1l);
	}
	ok(right && here == count, "all of them ran");
}

int main(void)
{
	for (int i = 0; i < ROUNDS; i++)
		round_of_all();
	return done();
}

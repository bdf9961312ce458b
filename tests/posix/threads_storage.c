// SPDX-License-Identifier: BSD-3-Clause
/* A thread begins with fresh storage, whatever earlier threads left in theirs.
 */
#include <pthread.h>

#include "tap.h"

#define ROUNDS 100
#define MANY   40

static __thread long zero, seven = 7;
static __thread char large[10000];
static pthread_key_t key;
static pthread_barrier_t barrier;

static long sum(void)
{
	long result = zero + seven + errno;

	for (size_t i = 0; i < sizeof(large); i++)
		result += large[i];
	return result + (pthread_getspecific(key) != NULL);
}

static void *dirty(void *arg)
{
	char stack[8192];
	long found = sum();

	memset(stack, 0xaa, sizeof(stack));
	memset(large, 0x55, sizeof(large));
	zero = seven = -1;
	errno = EDOM;
	pthread_setspecific(key, stack);
	if (arg != NULL)
		pthread_barrier_wait(&barrier);
	return (void *)found;
}

static int one_by_one(const pthread_attr_t *attributes)
{
	int fresh = 0;

	for (int i = 0; i < ROUNDS; i++) {
		pthread_t thread;
		void *found = NULL;

		if (pthread_create(&thread, attributes, dirty, NULL) == 0)
			pthread_join(thread, &found);
		fresh += (long)found == 7;
	}
	return fresh;
}

static int many_at_once(void)
{
	pthread_t threads[MANY];
	int fresh = 0;

	pthread_barrier_init(&barrier, NULL, MANY);
	for (int i = 0; i < MANY; i++)
		pthread_create(&threads[i], NULL, dirty, &barrier);
	for (int i = 0; i < MANY; i++) {
		void *found;

		pthread_join(threads[i], &found);
		fresh += (long)found == 7;
	}
	pthread_barrier_destroy(&barrier);
	return fresh;
}

int main(void)
{
	static const size_t sizes[] = {65536, 131072, 4 << 20};
	static const size_t guards[] = {0, 4096, 65536};
	pthread_attr_t attributes;
	int alike = 0;

	pthread_key_create(&key, NULL);
	ok(one_by_one(NULL) == ROUNDS, "one thread after the other");
	ok(many_at_once() == MANY, "many at once");
	ok(many_at_once() == MANY, "many at once again");
	pthread_attr_init(&attributes);
	for (int i = 0; i < 9; i++) {
		pthread_attr_setstacksize(&attributes, sizes[i / 3]);
		pthread_attr_setguardsize(&attributes, guards[i % 3]);
		alike += one_by_one(&attributes) == ROUNDS;
	}
	ok(alike == 9, "of any stack and guard");
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Producers and consumers on one pipe: records of up to PIPE_BUF bytes arrive
 * whole, each once, whatever the threads do meanwhile.
 */
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

#include "tap.h"

enum { PRODUCERS = 4, CONSUMERS = 3, RECORDS = 2000, WORDS = 64 };

/* All of one size, so that a read of that many bytes is one record. */
struct record {
	uint32_t producer, number, sum, words[WORDS];
};

static int fds[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned char seen[PRODUCERS][RECORDS];
static int broken;

static uint32_t sum_of(const struct record *record)
{
	uint32_t sum = record->producer * 31 + record->number;

	for (int i = 0; i < WORDS; i++)
		sum = sum * 33 + record->words[i];
	return sum;
}

static void *produce(void *arg)
{
	struct record record = {.producer = (uintptr_t)arg};

	for (record.number = 0; record.number < RECORDS; record.number++) {
		for (int i = 0; i < WORDS; i++)
			record.words[i] = record.number * 7919 + i;
		record.sum = sum_of(&record);
		if (write(fds[1], &record, sizeof(record)) != sizeof(record))
			broken = 1;
	}
	return NULL;
}

static void *consume(void *arg)
{
	struct record record;
	ssize_t n;

	while ((n = read(fds[0], &record, sizeof(record))) > 0) {
		pthread_mutex_lock(&mutex);
		if (n != sizeof(record) || sum_of(&record) != record.sum ||
		    record.producer >= PRODUCERS || record.number >= RECORDS ||
		    seen[record.producer][record.number]++ != 0)
			broken = 1;
		pthread_mutex_unlock(&mutex);
	}
	if (n != 0)
		broken = 1;
	return arg;
}

int main(void)
{
	pthread_t producers[PRODUCERS], consumers[CONSUMERS];
	int all = 1;

	_Static_assert(sizeof(struct record) <= PIPE_BUF, "written whole");
	need(pipe(fds) == 0);
	for (int i = 0; i < CONSUMERS; i++)
		need(pthread_create(&consumers[i], NULL, consume, NULL) == 0);
	for (long i = 0; i < PRODUCERS; i++)
		need(pthread_create(&producers[i], NULL, produce, (void *)i) ==
		     0);
	for (int i = 0; i < PRODUCERS; i++)
		need(pthread_join(producers[i], NULL) == 0);
	close(fds[1]);
	for (int i = 0; i < CONSUMERS; i++)
		need(pthread_join(consumers[i], NULL) == 0);
	for (int i = 0; i < PRODUCERS; i++) {
		for (int k = 0; k < RECORDS; k++)
			all &= seen[i][k] == 1;
	}
	ok(!broken, "every record was whole");
	ok(all, "and came once");
	return done();
}

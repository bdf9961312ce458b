// SPDX-License-Identifier: BSD-3-Clause
/*
 * A FIFO used as a queue: many writers come and go, each opening it anew, while
 * a reader collects; nothing is lost. And a meeting place: two that open it
 * meet, however soon one of them goes again.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

enum { WRITERS = 4, TIMES = 100 };

static int broken;

static void *write_often(void *arg)
{
	uint32_t who = (uintptr_t)arg;

	for (uint32_t i = 0; i < TIMES; i++) {
		uint32_t word = who << 16 | i;
		int fd = open("fifo", O_WRONLY);

		if (fd < 0 || write(fd, &word, 4) != 4 || close(fd) != 0)
			broken = 1;
	}
	return NULL;
}

static void *come_and_go(void *arg)
{
	int fd = open("fifo", O_RDONLY);

	if (fd < 0 || close(fd) != 0)
		broken = 1;
	return arg;
}

static void meet(void)
{
	pthread_t reader;
	int fd;

	need(pthread_create(&reader, NULL, come_and_go, NULL) == 0);
	fd = open("fifo", O_WRONLY);
	need(pthread_join(reader, NULL) == 0);
	if (fd < 0 || close(fd) != 0)
		broken = 1;
}

int main(void)
{
	pthread_t threads[WRITERS];
	uint32_t next[WRITERS] = {0}, word;
	int fd, total = 0, ordered = 1;

	need(mkfifo("fifo", 0600) == 0);
	for (long i = 0; i < WRITERS; i++)
		need(pthread_create(&threads[i], NULL, write_often,
				    (void *)i) == 0);
	/* To hold both sides keeps the end away, and what is in it. */
	fd = open("fifo", O_RDWR);
	need(fd >= 0);
	for (; total < WRITERS * TIMES && read(fd, &word, 4) == 4; total++) {
		if (word >> 16 >= WRITERS)
			broken = 1;
		else
			ordered &= next[word >> 16]++ == (word & 0xffff);
	}
	for (int i = 0; i < WRITERS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(!broken, "every writer could open and write");
	ok(total == WRITERS * TIMES, "all words came");
	ok(ordered, "each writer's in order");
	need(close(fd) == 0);
	for (int i = 0; i < TIMES; i++)
		meet();
	ok(!broken, "two meet each time");
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pipes between threads: who waits is woken by bytes, by room, and by the end
 * of the other side; large transfers are whole.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "tap.h"

enum { MANY = 1000000, CHUNK = 3000 };

static int fds[2];

struct result {
	long value;
	int error;
};

static void *read_one(void *arg)
{
	struct result *result = arg;
	char c = 0;
	ssize_t n = read(fds[0], &c, 1);

	result->error = errno;
	result->value = n == 1 ? c : n;
	return NULL;
}

static void *write_all(void *arg)
{
	struct result *result = arg;
	char *data = calloc(1, MANY);

	for (int i = 0; i < MANY; i++)
		data[i] = (char)(i * 7);
	result->value = write(fds[1], data, MANY);
	result->error = errno;
	free(data);
	return NULL;
}

/* Others run, most likely up to where they wait. */
static void let_wait(void)
{
	for (int i = 0; i < 100; i++)
		sched_yield();
}

static void wake_ups(void)
{
	struct result got = {0};
	pthread_t thread;

	need(pipe(fds) == 0);
	need(pthread_create(&thread, NULL, read_one, &got) == 0);
	let_wait();
	need(write(fds[1], "r", 1) == 1);
	need(pthread_join(thread, NULL) == 0);
	ok(got.value == 'r', "a byte wakes a reader");
	need(pthread_create(&thread, NULL, read_one, &got) == 0);
	let_wait();
	close(fds[1]);
	need(pthread_join(thread, NULL) == 0);
	ok(got.value == 0, "so does the writer's end");
	close(fds[0]);
}

static void one_by_one(void)
{
	struct result got[5] = {{0}};
	pthread_t threads[5];
	int all = 1;

	need(pipe(fds) == 0);
	for (int i = 0; i < 5; i++)
		need(pthread_create(&threads[i], NULL, read_one, &got[i]) == 0);
	let_wait();
	need(write(fds[1], "abc", 3) == 3);
	let_wait();
	need(write(fds[1], "de", 2) == 2);
	for (int i = 0; i < 5; i++)
		need(pthread_join(threads[i], NULL) == 0);
	for (char c = 'a'; c <= 'e'; c++) {
		int seen = 0;

		for (int i = 0; i < 5; i++)
			seen += got[i].value == c;
		all &= seen == 1;
	}
	ok(all, "five readers get five bytes of two writes");
	for (int i = 0; i < 5; i++)
		need(pthread_create(&threads[i], NULL, read_one, &got[i]) == 0);
	let_wait();
	close(fds[1]);
	all = 1;
	for (int i = 0; i < 5; i++) {
		need(pthread_join(threads[i], NULL) == 0);
		all &= got[i].value == 0;
	}
	ok(all, "and all of them see the end");
	close(fds[0]);
}

static void large(void)
{
	struct result put = {0};
	char buf[CHUNK];
	long total = 0;
	int same = 1;
	pthread_t thread;
	ssize_t n;

	need(pipe(fds) == 0);
	need(pthread_create(&thread, NULL, write_all, &put) == 0);
	while (total < MANY && (n = read(fds[0], buf, CHUNK)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			same &= buf[i] == (char)((total + i) * 7);
		total += n;
	}
	need(pthread_join(thread, NULL) == 0);
	ok(total == MANY && put.value == MANY, "a large write is whole");
	ok(same, "and in order");
	need(pthread_create(&thread, NULL, write_all, &put) == 0);
	let_wait();
	need(read(fds[0], buf, 1) == 1);
	close(fds[0]);
	need(pthread_join(thread, NULL) == 0);
	ok(put.value > 0 ? put.value < MANY
			 : put.value == -1 && put.error == EPIPE,
	   "a writer stops when its reader leaves");
	close(fds[1]);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	wake_ups();
	one_by_one();
	large();
	return done();
}

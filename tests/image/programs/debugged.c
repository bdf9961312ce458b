// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
/*
 * For debuggers: threads that sleep in several calls, one that computes, and
 * an end as the argument says: `fault`, `abort`, `terminate`, or none; or a
 * `wait` without one.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t ready;
static int ends[2], tid;
static volatile int spins, *volatile nowhere;

static void *wait_for_mutex(void *arg)
{
	tid = gettid();
	sem_post(&ready);
	pthread_mutex_lock(&mutex);
	return arg;
}

static void *wait_for_byte(void *arg)
{
	char byte;

	tid = gettid();
	sem_post(&ready);
	if (read(ends[0], &byte, 1) != 1)
		abort();
	return arg;
}

static void *compute(void *arg)
{
	sem_post(&ready);
	for (;;)
		spins++;
	return arg;
}

static void start(void *(*function)(void *), const char *name)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, NULL) != 0)
		abort();
	pthread_setname_np(thread, name);
	sem_wait(&ready);
}

/* Does the thread that began last sleep? */
static int sleeps(void)
{
	char path[64], line[256] = "", *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "r");
	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
		abort();
	fclose(file);
	end = strrchr(line, ')');
	return end != NULL && end[2] == 'S';
}

static void start_sleeper(void *(*function)(void *), const char *name)
{
	start(function, name);
	while (!sleeps())
		sched_yield();
}

static __attribute__((noinline)) void meet_end(const char *how)
{
	if (strcmp(how, "fault") == 0)
		*nowhere = 1;
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "terminate") == 0)
		raise(SIGTERM);
	while (strcmp(how, "wait") == 0)
		pause();
}

int main(int argc, char **argv)
{
	if (pipe(ends) != 0 || open(".", O_RDONLY | O_DIRECTORY) < 0)
		return 1;
	sem_init(&ready, 0, 0);
	pthread_mutex_lock(&mutex);
	start_sleeper(wait_for_mutex, "locker");
	start_sleeper(wait_for_byte, "reader");
	start(compute, "spinner");
	puts("ready");
	fflush(stdout);
	meet_end(argc > 1 ? argv[1] : "");
	return 0;
}

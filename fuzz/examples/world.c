// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a program that is fuzzed may count on, and what it may have go wrong
 * (<eft/fuzz.h>). Each input is the same: a test more than an example.
 *
 *	./eft fuzz --program --leaks fuzz/examples/world.c 5
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <eft/fuzz.h>

enum { WAIT_S = 1000000 };

static _Thread_local int own = 5;
static int inputs, constructed, initialized;
static volatile sig_atomic_t signals;

__attribute__((constructor)) static void construct(void)
{
	constructed = initialized + 1;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	FILE *file = fopen("/kept", "w");

	fputs("kept", file);
	fclose(file);
	initialized = constructed + 1;
	return 0;
}

/* All is as LLVMFuzzerInitialize() left it, each time. */
static void check_start(void)
{
	char text[8] = "";
	FILE *file = fopen("/kept", "r+");

	assert(constructed == 1 && initialized == 2);
	assert(inputs++ == 0);
	assert(fgets(text, sizeof(text), file) && strcmp(text, "kept") == 0);
	rewind(file);
	fputs("lost", file);
	fclose(file);
	assert(access("/made", F_OK) == -1 && errno == ENOENT);
	close(creat("/made", 0644));
}

static void check_alloc(void)
{
	void *first, *second, *third;

	eft_fuzz_fail_alloc(3);
	first = malloc(10);
	second = calloc(10, 10);
	errno = 0;
	third = malloc(10);
	assert(first != NULL && second != NULL && third == NULL);
	assert(errno == ENOMEM);
	assert(fopen("/kept", "r") == NULL && errno == ENOMEM);
	eft_fuzz_fail_alloc(0);
	free(first);
	free(second);
}

static void check_io(void)
{
	static char text[100];
	int fd = open("/io", O_RDWR | O_CREAT, 0644);

	eft_fuzz_short_io(7);
	assert(write(fd, text, sizeof(text)) == 7);
	assert(pread(fd, text, sizeof(text), 3) == 4);
	eft_fuzz_short_io(0);
	eft_fuzz_fail_io(2, EIO);
	assert(write(fd, text, 10) == 10);
	assert(write(fd, text, 10) == -1 && errno == EIO);
	eft_fuzz_disk_room(15);
	assert(write(fd, text, 10) == 10 && write(fd, text, 10) == 5);
	assert(write(fd, text, 10) == -1 && errno == ENOSPC);
	assert(lseek(fd, 0, SEEK_CUR) == 32);
	eft_fuzz_disk_room(SIZE_MAX);
	close(fd);
}

static void check_time(void)
{
	struct timespec sleep_time = {.tv_sec = WAIT_S}, before, after;
	time_t wall;

	clock_gettime(CLOCK_MONOTONIC, &before);
	nanosleep(&sleep_time, NULL);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert(after.tv_sec - before.tv_sec == WAIT_S);
	eft_fuzz_pass(5000000000);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert(before.tv_sec - after.tv_sec == 5);
	wall = time(NULL);
	eft_fuzz_shift_clock(-86400);
	assert(time(NULL) - wall == -86400);
	do /* time passes while it is looked at */
		clock_gettime(CLOCK_MONOTONIC, &after);
	while (after.tv_nsec / 1000000 == before.tv_nsec / 1000000);
}

static void *count(void *arg)
{
	pthread_mutex_t *mutex = arg;

	assert(own++ == 5);
	pthread_mutex_lock(mutex);
	pthread_mutex_unlock(mutex);
	return &own;
}

static void on_signal(int signal)
{
	signals++;
}

static void check_threads(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_t threads[3];
	void *result;

	own = 9;
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 3; i++)
		assert(pthread_create(&threads[i], NULL, count, &mutex) == 0);
	usleep(1000);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 3; i++)
		assert(pthread_join(threads[i], &result) == 0);
	assert(own == 9);
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	assert(signals == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_start();
	check_alloc();
	check_io();
	check_time();
	check_threads();
	printf("the world is as it should be\n");
	if (size % 2 == 1) { /* as a program does that is fuzzed as it is */
		fflush(stdout);
		exit(3);
	}
	return 0;
}

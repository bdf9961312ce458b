// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: disk WHAT FOLDER: say how many nanoseconds a round takes with files in
 * FOLDER, where `big` is a file of BIG_MIB.
 *
 *     read-N, write-N   4 KiB at random, no place twice, by N threads
 *     in, out           1 MiB after the other
 *     append            4 KiB and fdatasync()
 *     names             create, stat and unlink, of NAMES files
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BIG_MIB = 192, BLOCK = 4096, BLOCKS = BIG_MIB * 256 };
enum { ROUNDS = 8192, APPENDS = 1000, NAMES = 10000, OUT_MIB = 128 };

static uint32_t places[BLOCKS];
static int big;
static unsigned next_place;
static ssize_t (*transfer)(int fd, void *buf, size_t len, off_t at);

static void need(int met, const char *what)
{
	if (met)
		return;
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static int open_in(const char *folder, const char *name, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, flags, 0644);
	need(fd >= 0, path);
	return fd;
}

/* All of them, in an order that is the same each time. */
static void shuffle_places(void)
{
	uint32_t random = 1, at, place;

	for (uint32_t i = 0; i < BLOCKS; i++) {
		random = random * 1664525 + 1013904223;
		at = (uint64_t)random * (i + 1) >> 32;
		place = at == i ? i : places[at];
		places[at] = i;
		places[i] = place;
	}
}

static ssize_t write_at(int fd, void *buf, size_t len, off_t at)
{
	return pwrite(fd, buf, len, at);
}

static void *take_places(void *nothing)
{
	char *block = malloc(BLOCK);
	unsigned i;

	memset(block, 'b', BLOCK);
	while ((i = __atomic_fetch_add(&next_place, 1, __ATOMIC_RELAXED)) <
	       ROUNDS)
		need(transfer(big, block, BLOCK, (off_t)places[i] * BLOCK) ==
			     BLOCK,
		     "4 KiB");
	free(block);
	return NULL;
}

/* A write that nobody has waited for is none. */
static unsigned go_random(const char *folder, bool writes, unsigned count)
{
	pthread_t threads[64];

	big = open_in(folder, "big", O_RDWR);
	transfer = writes ? write_at : pread;
	need(count <= 64, "threads");
	for (unsigned i = 0; i < count; i++)
		need(pthread_create(&threads[i], NULL, take_places, NULL) == 0,
		     "thread");
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	need(!writes || fsync(big) == 0, "fsync");
	return ROUNDS;
}

static unsigned go_straight(const char *folder, bool writes)
{
	char *buf = malloc(1 << 20);
	unsigned count = writes ? OUT_MIB : BIG_MIB;
	int fd = open_in(folder, writes ? "out" : "big",
			 writes ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY);

	memset(buf, 'b', 1 << 20);
	for (unsigned i = 0; i < count; i++)
		need((writes ? write(fd, buf, 1 << 20)
			     : read(fd, buf, 1 << 20)) == 1 << 20,
		     "1 MiB");
	need(!writes || fsync(fd) == 0, "fsync");
	return count;
}

static unsigned append(const char *folder)
{
	char block[BLOCK];
	int fd =
		open_in(folder, "log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);

	memset(block, 'b', BLOCK);
	for (unsigned i = 0; i < APPENDS; i++)
		need(write(fd, block, BLOCK) == BLOCK && fdatasync(fd) == 0,
		     "append");
	return APPENDS;
}

static unsigned make_names(const char *folder)
{
	char path[256];
	struct stat st;

	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "%s/name%u", folder, i);
		close(open(path, O_WRONLY | O_CREAT | O_EXCL, 0644));
	}
	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "%s/name%u", folder, i);
		need(stat(path, &st) == 0, path);
	}
	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "%s/name%u", folder, i);
		need(unlink(path) == 0, path);
	}
	return NAMES;
}

static unsigned go(const char *what, const char *folder)
{
	if (strncmp(what, "read-", 5) == 0)
		return go_random(folder, false, atoi(what + 5));
	if (strncmp(what, "write-", 6) == 0)
		return go_random(folder, true, atoi(what + 6));
	if (strcmp(what, "in") == 0 || strcmp(what, "out") == 0)
		return go_straight(folder, what[0] == 'o');
	if (strcmp(what, "append") == 0)
		return append(folder);
	need(strcmp(what, "names") == 0, "WHAT");
	return make_names(folder);
}

int main(int argc, char **argv)
{
	uint64_t start;
	unsigned rounds;

	need(argc == 3, "usage: disk WHAT FOLDER");
	shuffle_places();
	start = now_ns();
	rounds = go(argv[1], argv[2]);
	printf("%.1f\n", (double)(now_ns() - start) / rounds);
	return 0;
}

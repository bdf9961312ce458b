// SPDX-License-Identifier: BSD-3-Clause
/*
 * Transfers that take long are whole, though the CPU is wanted by others
 * meanwhile: by a thread that computes, and one that naps and has to run.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { LARGE = 16 << 20, ROUNDS = 30 };

static char block[LARGE];
static atomic_int naps, over;
static volatile unsigned long spins;

static void *nap(void *arg)
{
	struct timespec moment = {.tv_nsec = 1000000};

	while (!over) {
		nanosleep(&moment, NULL);
		naps++;
	}
	return arg;
}

static void *spin(void *arg)
{
	while (!over)
		spins++;
	return arg;
}

static void reading_zero(void)
{
	int fd = open("/dev/zero", O_RDONLY), naps_before = naps, whole = 0;
	struct iovec parts[] = {{block, 5}, {block + 5, LARGE - 5}};

	need(fd >= 0);
	block[0] = block[LARGE - 1] = 'x';
	for (int i = 0; i < ROUNDS; i++)
		whole += read(fd, block, LARGE) == LARGE;
	ok(whole == ROUNDS, "reads of /dev/zero are whole");
	ok(block[0] == 0 && block[LARGE - 1] == 0, "and zeros");
	ok(naps > naps_before, "others ran");
	block[0] = block[LARGE - 1] = 'x';
	ok(readv(fd, parts, 2) == LARGE && block[0] == 0 &&
		   block[LARGE - 1] == 0,
	   "so is one in parts");
	ok(pread(fd, block, LARGE, 77) == LARGE, "and one at an offset");
	close(fd);
}

static void fill(void)
{
	for (size_t i = 0; i < LARGE; i += 4096)
		block[i] = (char)(i / 4096 * 7 + 1);
}

static int is_filled(void)
{
	for (size_t i = 0; i < LARGE; i += 4096) {
		if (block[i] != (char)(i / 4096 * 7 + 1))
			return 0;
	}
	return 1;
}

static void a_file(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	need(fd >= 0);
	fill();
	ok(write(fd, block, LARGE) == LARGE, "a write is whole");
	ok(lseek(fd, 0, SEEK_CUR) == LARGE, "and moves the position");
	ok(pwrite(fd, block, LARGE, 4096) == LARGE, "one at an offset");
	ok(lseek(fd, 0, SEEK_END) == LARGE + 4096, "is there");
	memset(block, 0, LARGE);
	ok(pread(fd, block, LARGE, 4096) == LARGE && is_filled(),
	   "and is read again");
	lseek(fd, 4096, SEEK_SET);
	memset(block, 0, LARGE);
	ok(read(fd, block, LARGE) == LARGE && is_filled(), "from the position");
	ok(read(fd, block, LARGE) == 0, "up to the end");
	ok(pread(fd, block, LARGE, 4096 + LARGE / 2) == LARGE / 2,
	   "short of it");
	fails(pread(fd, block, LARGE, -1), EINVAL, "a bad offset");
	ok(fsync(fd) == 0 && fdatasync(fd) == 0, "it is brought to the disk");
	close(fd);
	fd = open("file", O_RDONLY);
	fails(write(fd, block, LARGE), EBADF, "one that cannot be written");
	close(fd);
}

int main(void)
{
	pthread_t napper, spinner;

	need(pthread_create(&napper, NULL, nap, NULL) == 0);
	need(pthread_create(&spinner, NULL, spin, NULL) == 0);
	reading_zero();
	a_file();
	over = 1;
	pthread_join(napper, NULL);
	pthread_join(spinner, NULL);
	return done();
}

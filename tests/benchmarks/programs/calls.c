// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: calls NAME: say how many nanoseconds a system call takes, through
 * libc, in a loop of some milliseconds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_NAME    "calls.file"
#define BLOCK	     4096
#define PAGE	     4096ul
#define TOUCHED	     1024ul
#define LEAST_NS     20000000.0
#define FIRST_ROUNDS 100

static int fd, zero, null;
static char block[BLOCK];

static void call_getppid(void)
{
	getppid();
}

static void call_getpid(void)
{
	getpid();
}

static void call_clock_gettime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
}

static void call_open_close(void)
{
	close(open(FILE_NAME, O_RDONLY));
}

static void call_stat(void)
{
	struct stat st;

	stat(FILE_NAME, &st);
}

static void call_pread(void)
{
	if (pread(fd, block, BLOCK, 0) != BLOCK)
		abort();
}

static void call_pwrite(void)
{
	if (pwrite(fd, block, BLOCK, 0) != BLOCK)
		abort();
}

/* What a call of the host's costs beside its own time. */
static void call_read_byte(void)
{
	if (read(zero, block, 1) != 1)
		abort();
}

static void call_write_byte(void)
{
	if (write(null, block, 1) != 1)
		abort();
}

static char *map_pages(size_t count)
{
	char *pages = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		abort();
	return pages;
}

static void call_mmap_munmap(void)
{
	munmap(map_pages(4), 4 * PAGE);
}

/* The first touch of a page: with its part of making and dropping many. */
static void touch_page(void)
{
	static volatile char *pages;
	static size_t touched = TOUCHED;

	if (touched == TOUCHED) {
		if (pages != NULL)
			munmap((void *)pages, TOUCHED * PAGE);
		pages = map_pages(TOUCHED);
		touched = 0;
	}
	pages[touched++ * PAGE] = 1;
}

static const struct {
	const char *name;
	void (*call)(void);
} calls[] = {
	{"getppid", call_getppid},
	{"getpid", call_getpid},
	{"clock_gettime", call_clock_gettime},
	{"open+close", call_open_close},
	{"stat", call_stat},
	{"pread", call_pread},
	{"pwrite", call_pwrite},
	{"read-byte", call_read_byte},
	{"write-byte", call_write_byte},
	{"mmap+munmap", call_mmap_munmap},
	{"fault", touch_page},
};

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/* Rounds are doubled until they take long enough to be timed. */
static double measure(void (*call)(void))
{
	for (long rounds = FIRST_ROUNDS;; rounds *= 2) {
		double start = now_ns(), took;

		for (long i = 0; i < rounds; i++)
			call();
		took = now_ns() - start;
		if (took >= LEAST_NS)
			return took / rounds;
	}
}

int main(int argc, char **argv)
{
	fd = open(FILE_NAME, O_RDWR | O_CREAT, 0644);
	zero = open("/dev/zero", O_RDONLY);
	null = open("/dev/null", O_WRONLY);
	if (argc != 2 || fd < 0 || write(fd, block, BLOCK) != BLOCK)
		return EXIT_FAILURE;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(argv[1], calls[i].name) == 0) {
			printf("%.3f\n", measure(calls[i].call));
			return EXIT_SUCCESS;
		}
	}
	return EXIT_FAILURE;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * A file of 1 TiB that has nearly nothing in it is mapped whole: what it takes
 * is what is touched.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define TIB  (INT64_C(1) << 40)
#define STEP (TIB / TOUCHED)

enum { PAGE = 4096, TOUCHED = 64 };

static char *map(int fd, int prot, int type)
{
	char *at = mmap(NULL, TIB, prot, type | MAP_NORESERVE, fd, 0);

	ok(at != MAP_FAILED, type == MAP_SHARED ? "shared" : "private");
	need(at != MAP_FAILED);
	return at;
}

/* The KiB that the file takes, but for what a file system notes of it. */
static int64_t taken(int fd)
{
	struct stat st;

	need(fstat(fd, &st) == 0);
	return st.st_blocks / 2;
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600), right = 0;
	char *shared, *private, byte;

	need(fd >= 0 && ftruncate(fd, TIB) == 0);
	shared = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	ok(taken(fd) < 64, "it takes nothing");
	private = map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	for (int i = 0; i < TOUCHED; i++)
		shared[i * STEP] = (char)('0' + i);
	for (int i = 0; i < TOUCHED; i++)
		right += pread(fd, &byte, 1, i * STEP) == 1 &&
			 byte == (char)('0' + i) && private[i * STEP] == byte;
	ok(right == TOUCHED, "64 pages of it are written");
	ok(taken(fd) >= TOUCHED * 4 && taken(fd) < TOUCHED * 4 + 1024,
	   "and are what it takes");
	for (int i = 0; i < TOUCHED; i++)
	private[i * STEP + PAGE] = 'p';
	right = 0;
	for (int i = 0; i < TOUCHED; i++)
		right += pread(fd, &byte, 1, i * STEP + PAGE) == 1 && byte == 0;
	ok(right == TOUCHED, "a copy's writes stay in it");
	ok(lseek(fd, PAGE, SEEK_DATA) == STEP || taken(fd) >= TOUCHED * 8,
	   "holes are found");
	ok(mprotect(shared, TIB, PROT_READ) == 0 && shared[STEP] == '1' &&
		   shared[STEP + 7] == 0,
	   "protected whole");
	need(ftruncate(fd, 0) == 0);
	ok(taken(fd) < 64, "cut, it takes nothing");
	ok(munmap(shared, TIB) == 0 && munmap(private, TIB) == 0, "unmapped");
	need(close(fd) == 0 && unlink("file") == 0);
	return done();
}

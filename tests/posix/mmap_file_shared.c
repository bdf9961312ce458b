// SPDX-License-Identifier: BSD-3-Clause
/*
 * A shared file mapping is the file: writes go both ways at once, between
 * mappings too, and never make the file longer.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define PAGE 4096
#define RW   (PROT_READ | PROT_WRITE)

static char *map(int fd, size_t size, off_t offset)
{
	char *at = mmap(NULL, size, RW, MAP_SHARED, fd, offset);

	need(at != MAP_FAILED);
	return at;
}

static void both_ways(int fd)
{
	char *a = map(fd, 2 * PAGE, 0);
	char *b = map(fd, PAGE, PAGE);
	char buf[8];

	ok(all_bytes(a, 0, 2 * PAGE), "a new file is zero");
	a[0] = 'A';
	ok(pread(fd, buf, 1, 0) == 1 && buf[0] == 'A', "pread sees a store");
	ok(pwrite(fd, "BCD", 3, 1) == 3 && !memcmp(a, "ABCD", 4),
	   "a load sees pwrite");
	memcpy(a + PAGE - 2, "edge", 4);
	ok(!memcmp(b, "ge", 2), "another mapping sees a store");
	ok(pread(fd, buf, 4, PAGE - 2) == 4 && !memcmp(buf, "edge", 4),
	   "so does pread over two pages");
	b[5] = 'b';
	ok(a[PAGE + 5] == 'b', "and the other way round");
	ok(msync(a, 2 * PAGE, MS_SYNC) == 0, "MS_SYNC");
	ok(msync(a, PAGE, MS_ASYNC) == 0, "MS_ASYNC");
	munmap(a, 2 * PAGE);
	ok(b[5] == 'b', "the second outlives the first");
	munmap(b, PAGE);
	ok(pread(fd, buf, 1, PAGE + 5) == 1 && buf[0] == 'b',
	   "the file keeps it all");
}

static void mixed_with_private(int fd)
{
	char *shared = map(fd, PAGE, 0);
	char *own = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);

	need(own != MAP_FAILED);
	own[0] = 'p';
	ok(shared[0] == 'A', "a private write is not shared");
	shared[0] = 's';
	ok(own[0] == 'p', "and stays private");
	munmap(shared, PAGE);
	munmap(own, PAGE);
	ok(has_text("small", "shared"), "another file is untouched");
}

static void short_file(void)
{
	int fd = open("small", O_RDWR);
	char *at = map(fd, PAGE, 0);

	ok(all_bytes(at + 6, 0, PAGE - 6), "zero after the end");
	at[100] = 'x';
	memcpy(at, "SHARED", 6);
	close(fd);
	munmap(at, PAGE);
	ok(has_text("small", "SHARED"), "a store past it grows nothing");
}

static void errors(int fd)
{
	int read_only = open("file", O_RDONLY);
	char *at = map(fd, PAGE, 0);

	fails(mmap(NULL, PAGE, RW, MAP_SHARED, read_only, 0), EACCES,
	      "a read-only descriptor does not map writable");
	fails(msync(at + 1, 1, MS_SYNC), EINVAL, "msync inside of a page");
	fails(msync(at, PAGE, MS_SYNC | MS_ASYNC), EINVAL,
	      "MS_SYNC and MS_ASYNC at once");
	munmap(at, PAGE);
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, read_only, 0);
	ok(at != MAP_FAILED && at[0] == 's', "but it maps readable");
	fails(mprotect(at, PAGE, RW), EACCES, "and stays so");
	munmap(at, PAGE);
	close(read_only);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0 && ftruncate(fd, 2 * PAGE) == 0);
	put_text("small", "shared");
	both_ways(fd);
	mixed_with_private(fd);
	short_file();
	errors(fd);
	close(fd);
	return done();
}

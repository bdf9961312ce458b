// SPDX-License-Identifier: BSD-3-Clause
/*
 * mremap() shrinks, grows and moves a mapping with its contents; what it
 * adds is fresh.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define PAGE 4096
#define RW   (PROT_READ | PROT_WRITE)

static char *map(size_t size)
{
	char *at = mmap(NULL, size, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(at != MAP_FAILED);
	return at;
}

static void in_place(void)
{
	char *at = map(8 * PAGE);

	memset(at, 's', 8 * PAGE);
	ok(mremap(at, 8 * PAGE, 4 * PAGE, 0) == at, "shrink in place");
	ok(all_bytes(at, 's', 4 * PAGE), "what is left stays");
	fails(madvise(at + 4 * PAGE, PAGE, MADV_NORMAL), ENOMEM,
	      "the rest is unmapped");
	ok(mremap(at, 4 * PAGE, 8 * PAGE, 0) == at, "grow in place");
	ok(all_bytes(at, 's', 4 * PAGE) &&
		   all_bytes(at + 4 * PAGE, 0, 4 * PAGE),
	   "what is added is zero");
	ok(mremap(at, 8 * PAGE, 8 * PAGE, 0) == at, "the same size");
	munmap(at, 8 * PAGE);
}

static void moving(void)
{
	char *at = map(8 * PAGE);
	char *moved;

	memset(at, 'm', 8 * PAGE);
	fails(mremap(at, 4 * PAGE, 6 * PAGE, 0), ENOMEM,
	      "something is behind: no growing in place");
	moved = mremap(at, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE);
	ok(moved != MAP_FAILED && moved != at, "MREMAP_MAYMOVE moves");
	need(moved != MAP_FAILED);
	ok(all_bytes(moved, 'm', 4 * PAGE), "with the contents");
	ok(all_bytes(moved + 4 * PAGE, 0, 2 * PAGE), "zeros behind");
	fails(madvise(at, PAGE, MADV_NORMAL), ENOMEM, "the old place is free");
	ok(all_bytes(at + 4 * PAGE, 'm', 4 * PAGE), "its neighbour stays");
	munmap(at + 4 * PAGE, 4 * PAGE);
	munmap(moved, 6 * PAGE);
}

static void to_a_place(void)
{
	char *from = map(2 * PAGE);
	char *to = map(4 * PAGE);

	memset(from, 'f', 2 * PAGE);
	memset(to, 't', 4 * PAGE);
	ok(mremap(from, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		  to + PAGE) == to + PAGE,
	   "MREMAP_FIXED moves there");
	ok(all_bytes(to, 't', PAGE) && all_bytes(to + PAGE, 'f', 2 * PAGE) &&
		   all_bytes(to + 3 * PAGE, 't', PAGE),
	   "over what was there");
	munmap(to, 4 * PAGE);
}

static void of_a_file(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	char *at, *grown;

	need(fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	need(pwrite(fd, "two", 3, 2 * PAGE) == 3);
	at = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	need(at != MAP_FAILED);
	grown = mremap(at, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
	ok(grown != MAP_FAILED && !memcmp(grown + 2 * PAGE, "two", 3),
	   "a file mapping grows into its file");
	need(grown != MAP_FAILED);
	grown[0] = 'x';
	ok(pread(fd, grown + 1, 1, 0) == 1 && grown[1] == 'x',
	   "and is still shared");
	munmap(grown, 4 * PAGE);
	close(fd);
}

static void twice(int flags, const char *what)
{
	int fd = open("file", O_RDWR);
	char *at = mmap(NULL, PAGE, RW, flags, fd, 0);

	need(fd >= 0 && at != MAP_FAILED);
	at = mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	need(at != MAP_FAILED);
	at = mremap(at, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
	ok(at != MAP_FAILED && !memcmp(at + 2 * PAGE, "two", 3), what);
	if (at != MAP_FAILED)
		munmap(at, 4 * PAGE);
	close(fd);
}

static void errors(void)
{
	char *at = map(PAGE);

	fails(mremap(at + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EINVAL,
	      "an address inside of a page");
	fails(mremap(at, PAGE, 0, MREMAP_MAYMOVE), EINVAL, "a size of zero");
	fails(mremap(at, PAGE, PAGE, 0x80), EINVAL, "an unknown flag");
	munmap(at, PAGE);
}

int main(void)
{
	in_place();
	moving();
	to_a_place();
	of_a_file();
	twice(MAP_SHARED, "a file mapping grows a second time");
	twice(MAP_PRIVATE, "so does a private one");
	errors();
	return done();
}

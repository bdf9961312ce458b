// SPDX-License-Identifier: BSD-3-Clause
/*
 * mremap(2): its flags, and an old size of 0.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "answers.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

enum { PAGE = 4096 };

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t pages)
{
	char *at = mmap(NULL, pages * PAGE, RW, ANON, -1, 0);

	need(at != MAP_FAILED);
	return at;
}

static void refused(void)
{
	char *at = map(2), *to = map(2);

	need(munmap(at + PAGE, PAGE) == 0);
	answers(mremap(at, PAGE, PAGE, 8), EINVAL, "a flag nobody knows");
	answers(mremap(at, PAGE, PAGE, MREMAP_FIXED, to), EINVAL,
		"MREMAP_FIXED alone");
	answers(mremap(at, PAGE, PAGE, MREMAP_DONTUNMAP), EINVAL,
		"MREMAP_DONTUNMAP alone");
	answers(mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP),
		EINVAL, "MREMAP_DONTUNMAP to another size");
	answers(mremap(at, PAGE, 0, MREMAP_MAYMOVE), EINVAL, "no new size");
	answers(mremap(at, 0, PAGE, MREMAP_MAYMOVE), EINVAL,
		"no old size, of private memory");
	answers(mremap(at + 1, PAGE, PAGE, MREMAP_MAYMOVE), EINVAL,
		"inside of a page");
	answers(mremap(NULL, PAGE, PAGE, MREMAP_MAYMOVE), EFAULT, "of nothing");
	answers(mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 1),
		EINVAL, "to inside of a page");
	answers(mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at),
		EINVAL, "onto itself");
	answers(mremap(at, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE), EFAULT,
		"of more than is mapped");
}

/* The pages move; what was mapped stays so, and is empty. */
static void dont_unmap(void)
{
	char *at = map(3), *moved, *again;

	memset(at, 'x', 3 * PAGE);
	moved = mremap(at + PAGE, PAGE, PAGE,
		       MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	need(moved != MAP_FAILED);
	ok(moved != at + PAGE, "MREMAP_DONTUNMAP moves");
	ok(moved[0] == 'x' && moved[PAGE - 1] == 'x', "the contents");
	ok(at[PAGE] == 0 && at[2 * PAGE - 1] == 0, "leaves empty memory");
	ok(at[0] == 'x' && at[2 * PAGE] == 'x', "and what is beside it");
	at[PAGE] = 'y';
	ok(moved[0] == 'x', "the two are apart");
	again = mremap(at, PAGE, PAGE,
		       MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, moved);
	ok(again == moved && at[0] == 0 && moved[0] == 'x' && at[PAGE] == 'y',
	   "with MREMAP_FIXED");
}

/* Shared memory of a file is mapped a second time. */
static void twice(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *at, *second, *to = map(2);

	need(fd >= 0 && ftruncate(fd, 2 * PAGE) == 0);
	at = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	need(at != MAP_FAILED);
	answers(mremap(at, 0, PAGE, 0), ENOMEM, "an old size of 0, in place");
	second = mremap(at + PAGE, 0, PAGE, MREMAP_MAYMOVE);
	need(second != MAP_FAILED);
	ok(second != at + PAGE, "elsewhere");
	at[PAGE] = 'a';
	second[1] = 'b';
	ok(second[0] == 'a' && at[PAGE + 1] == 'b', "shows the same page");
	ok(mremap(at, 0, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to,
	   "at a given place");
	to[0] = 'c';
	ok(at[0] == 'c', "shows its page");
	need(munmap(at, 2 * PAGE) == 0);
	ok(second[0] == 'a' && to[0] == 'c', "outlives the first");
	need(close(fd) == 0 && unlink("file") == 0);
}

int main(void)
{
	refused();
	dont_unmap();
	twice();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * A file that is cut while it is mapped: what was past its new end is SIGBUS in
 * each mapping, a copy too, and zeroes when the file grows again.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { PAGE = 4096, PAGES = 40, KEPT = 5 };

static sigjmp_buf back;

static void handle(int signal)
{
	siglongjmp(back, signal);
}

static int touch(volatile char *at, int writes)
{
	int signal = sigsetjmp(back, 1);

	if (signal == 0 && writes)
		*at = 'w';
	else if (signal == 0)
		(void)*at;
	return signal;
}

static char *map(int fd, int type, off_t offset)
{
	char *at = mmap(NULL, PAGES * PAGE - offset, PROT_READ | PROT_WRITE,
			type, fd, offset);

	need(at != MAP_FAILED);
	return at;
}

/* Of the pages of a mapping that begins at (first): how many are SIGBUS? */
static int gone(char *at, int first, int writes)
{
	int count = 0;

	for (int i = first; i < PAGES; i++)
		count += touch(at + (i - first) * PAGE, writes) == SIGBUS;
	return count;
}

static int zeroes(const char *at, int from, int to)
{
	for (int i = from; i < to; i++) {
		if (at[i] != 0)
			return 0;
	}
	return 1;
}

static void fill(int fd)
{
	char page[PAGE];

	memset(page, 'f', sizeof(page));
	for (int i = 0; i < PAGES; i++)
		need(pwrite(fd, page, PAGE, i * PAGE) == PAGE);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *shared, *other, *private, *moved, byte = '?';

	need(fd >= 0 && signal(SIGBUS, handle) != SIG_ERR);
	fill(fd);
	shared = map(fd, MAP_SHARED, 0);
	other = map(fd, MAP_SHARED, 2 * PAGE);
	private = map(fd, MAP_PRIVATE, 0);
	for (int i = 0; i < PAGES; i += 3) {
		shared[i * PAGE] = 's';
		private[i * PAGE + 1] = 'p';
	}
	ok(gone(shared, 0, 0) == 0 && gone(other, 2, 0) == 0 &&
		   gone(private, 0, 0) == 0,
	   "all is there");
	need(ftruncate(fd, KEPT * PAGE - 100) == 0);
	ok(gone(shared, 0, 1) == PAGES - KEPT, "shared: gone past the end");
	ok(gone(other, 2, 0) == PAGES - KEPT, "in the other one, too");
	ok(gone(private, 0, 1) == PAGES - KEPT, "private: copies are, too");
	ok(zeroes(shared, KEPT * PAGE - 100, KEPT * PAGE),
	   "the rest of the last page is cleared");
	ok(private[3 * PAGE + 1] == 'p' && shared[3 * PAGE] == 'w',
	   "what is before it stays");
	ok(munmap(other, PAGE) == 0 && gone(other + PAGE, 3, 0) == PAGES - KEPT,
	   "a mapping that is less by a page");
	need(ftruncate(fd, PAGES * PAGE) == 0);
	ok(zeroes(shared, KEPT * PAGE, PAGES * PAGE), "zeroes as it has grown");
	ok(zeroes(private, KEPT * PAGE, PAGES * PAGE), "in a copy as well");
	ok(pread(fd, &byte, 1, 6 * PAGE) == 1 && byte == 0, "and in the file");
	shared[30 * PAGE] = 'n';
	ok(other[28 * PAGE] == 'n' && pread(fd, &byte, 1, 30 * PAGE) == 1 &&
		   byte == 'n',
	   "one page again");
	moved = mremap(shared, PAGES * PAGE, (PAGES + 10) * PAGE,
		       MREMAP_MAYMOVE);
	need(moved != MAP_FAILED && ftruncate(fd, 1) == 0);
	ok(gone(moved, 0, 0) == PAGES - 1 &&
		   touch(moved + (PAGES + 3) * PAGE, 0) == SIGBUS,
	   "of one that has moved");
	need(munmap(moved, (PAGES + 10) * PAGE) == 0);
	need(close(fd) == 0 && unlink("file") == 0);
	ok(gone(private, 0, 1) == PAGES - 1 && private[0] == 'w',
	   "and of a file without a name");
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * madvise(MADV_DONTNEED) forgets: anonymous pages are zero again, private
 * file pages the file's; other advice changes nothing one can see.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define PAGE 4096
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void anonymous(void)
{
	char *at = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);

	need(at != MAP_FAILED);
	memset(at, 'x', 4 * PAGE);
	ok(madvise(at + PAGE, 2 * PAGE, MADV_DONTNEED) == 0, "MADV_DONTNEED");
	ok(all_bytes(at + PAGE, 0, 2 * PAGE), "makes the pages zero");
	ok(all_bytes(at, 'x', PAGE) && all_bytes(at + 3 * PAGE, 'x', PAGE),
	   "only those");
	memset(at + PAGE, 'y', PAGE);
	ok(all_bytes(at + PAGE, 'y', PAGE), "they can be written again");
	ok(madvise(at, 4 * PAGE, MADV_WILLNEED) == 0 &&
		   madvise(at, 4 * PAGE, MADV_SEQUENTIAL) == 0 &&
		   madvise(at, 4 * PAGE, MADV_RANDOM) == 0 &&
		   madvise(at, 4 * PAGE, MADV_NORMAL) == 0,
	   "other advice is taken");
	ok(all_bytes(at, 'x', PAGE) && all_bytes(at + PAGE, 'y', PAGE),
	   "and changes nothing");
	ok(posix_madvise(at, PAGE, POSIX_MADV_DONTNEED) == 0 && at[0] == 'x',
	   "posix_madvise never loses data");
	munmap(at, 4 * PAGE);
}

static void files(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	char *own, *shared;

	need(fd >= 0 && ftruncate(fd, PAGE) == 0);
	need(pwrite(fd, "file", 4, 0) == 4);
	own = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	shared = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	need(own != MAP_FAILED && shared != MAP_FAILED);
	memcpy(own, "mine", 4);
	ok(madvise(own, PAGE, MADV_DONTNEED) == 0 && !memcmp(own, "file", 4),
	   "a private page is the file's again");
	memcpy(shared, "ours", 4);
	ok(madvise(shared, PAGE, MADV_DONTNEED) == 0 &&
		   !memcmp(shared, "ours", 4),
	   "a shared page keeps what is written");
	munmap(own, PAGE);
	munmap(shared, PAGE);
	close(fd);
}

static void shared_anonymous(void)
{
	char *at = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need(at != MAP_FAILED);
	strcpy(at, "shared");
	ok(madvise(at, PAGE, MADV_DONTNEED) == 0 && !strcmp(at, "shared"),
	   "shared anonymous memory keeps what it has");
	munmap(at, PAGE);
}

static void errors(void)
{
	char *at = mmap(NULL, 2 * PAGE, RW, ANON, -1, 0);

	need(at != MAP_FAILED);
	fails(madvise(at + 1, PAGE, MADV_DONTNEED), EINVAL,
	      "an address inside of a page");
	fails(madvise(at, PAGE, 9999), EINVAL, "unknown advice");
	fails(madvise(at, PAGE, 5), EINVAL, "a number that means nothing");
	fails(madvise(at, -1, MADV_NORMAL), EINVAL, "a size too large");
	ok(madvise(at, 0, MADV_DONTNEED) == 0, "a size of zero");
	need(munmap(at + PAGE, PAGE) == 0);
	fails(madvise(at, 2 * PAGE, MADV_DONTNEED), ENOMEM,
	      "a range with a hole");
	munmap(at, PAGE);
}

int main(void)
{
	anonymous();
	files();
	shared_anonymous();
	errors();
	return done();
}

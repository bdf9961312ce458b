// SPDX-License-Identifier: BSD-3-Clause
/*
 * munmap() of a part leaves the rest, also when it makes a hole in a
 * mapping, spans several, or meets nothing at all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define PAGE 4096
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t size)
{
	char *at = mmap(NULL, size, RW, ANON, -1, 0);

	need(at != MAP_FAILED);
	return at;
}

/* Advice on what is not mapped answers ENOMEM: so one can ask. */
static int is_mapped(char *at)
{
	return madvise(at, PAGE, MADV_NORMAL) == 0;
}

static void parts(void)
{
	char *at = map(8 * PAGE);

	for (int i = 0; i < 8; i++)
		memset(at + i * PAGE, '0' + i, PAGE);
	ok(munmap(at + 3 * PAGE, 2 * PAGE) == 0, "a hole in the middle");
	ok(!is_mapped(at + 3 * PAGE) && !is_mapped(at + 4 * PAGE), "is one");
	ok(all_bytes(at + 2 * PAGE, '2', PAGE) &&
		   all_bytes(at + 5 * PAGE, '5', PAGE),
	   "around it all stays");
	ok(munmap(at, PAGE) == 0 && !is_mapped(at), "the first page");
	ok(munmap(at + 7 * PAGE, PAGE) == 0 && !is_mapped(at + 7 * PAGE),
	   "the last page");
	ok(all_bytes(at + PAGE, '1', PAGE) &&
		   all_bytes(at + 6 * PAGE, '6', PAGE),
	   "what is left is left");
	ok(munmap(at, 8 * PAGE) == 0, "a range with holes");
	ok(!is_mapped(at + PAGE) && !is_mapped(at + 6 * PAGE), "all is gone");
	ok(munmap(at, 8 * PAGE) == 0, "nothing mapped is no error");
	ok(munmap((void *)0x7e0000000000, PAGE) == 0, "nor is it far up");
	ok(munmap((void *)0x1000, PAGE) == 0, "nor far down");
	ok(munmap((void *)0x800000000000, PAGE) == -1 && errno == EINVAL &&
		   munmap((void *)-PAGE, PAGE) == -1 && errno == EINVAL,
	   "but where no program's memory can be");
}

static void every_second(void)
{
	char *at = map(64 * PAGE);
	int kept = 0, gone = 0;

	for (int i = 0; i < 64; i += 2) {
		at[(i + 1) * PAGE] = (char)i;
		need(munmap(at + i * PAGE, PAGE) == 0);
	}
	for (int i = 0; i < 64; i += 2) {
		gone += !is_mapped(at + i * PAGE);
		kept += at[(i + 1) * PAGE] == (char)i;
	}
	ok(gone == 32 && kept == 32, "every second page");
	for (int i = 0; i < 64; i += 2) {
		char *page = at + i * PAGE;

		need(mmap(page, PAGE, RW, ANON | MAP_FIXED, -1, 0) == page);
	}
	ok(all_bytes(at, 0, PAGE) && at[63 * PAGE] == 62, "filled again");
	ok(munmap(at, 64 * PAGE) == 0, "unmapped at once");
}

static void file_hole(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	char *at;

	need(fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	need(pwrite(fd, "third", 5, 2 * PAGE) == 5);
	at = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	need(at != MAP_FAILED);
	ok(munmap(at, 2 * PAGE) == 0 && !memcmp(at + 2 * PAGE, "third", 5),
	   "the rest of a file mapping keeps its offset");
	memcpy(at + 2 * PAGE, "THIRD", 5);
	ok(pread(fd, at + 3 * PAGE, 5, 2 * PAGE) == 5 &&
		   !memcmp(at + 3 * PAGE, "THIRD", 5),
	   "and is the file");
	munmap(at + 2 * PAGE, 2 * PAGE);
	close(fd);
}

static void errors(void)
{
	char *at = map(PAGE);

	fails(munmap(at, 0), EINVAL, "a size of zero");
	fails(munmap(at + 1, PAGE), EINVAL, "an address inside of a page");
	ok(is_mapped(at), "failures unmap nothing");
	munmap(at, PAGE);
}

int main(void)
{
	parts();
	every_second();
	file_hole();
	errors();
	return done();
}

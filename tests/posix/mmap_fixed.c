// SPDX-License-Identifier: BSD-3-Clause
/*
 * MAP_FIXED puts a mapping exactly there, over whatever was there before;
 * a plain hint replaces nothing.
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

static void replacing(char *area, int fd)
{
	char *at = area + 2 * PAGE;

	memset(area, 'a', 8 * PAGE);
	ok(mmap(at, PAGE, RW, ANON | MAP_FIXED, -1, 0) == at,
	   "MAP_FIXED maps there");
	ok(all_bytes(at, 0, PAGE), "fresh memory");
	ok(all_bytes(area, 'a', 2 * PAGE) &&
		   all_bytes(at + PAGE, 'a', 5 * PAGE),
	   "what is around stays");
	at = area + 4 * PAGE;
	ok(mmap(at, PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0) == at &&
		   !memcmp(at, "file", 5),
	   "a file among memory");
	ok(mmap(area, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == area &&
		   all_bytes(area, 0, 8 * PAGE),
	   "over several mappings at once");
}

static void reserved(void)
{
	char *area =
		mmap(NULL, 64 * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	char *at = area + 10 * PAGE;

	need(area != MAP_FAILED);
	ok(mmap(at, 4 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == at,
	   "into a reserved range");
	memset(at, 'r', 4 * PAGE);
	ok(all_bytes(at, 'r', 4 * PAGE), "it is memory");
	ok(mmap(at, 4 * PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0) == at &&
		   mprotect(at, PAGE, RW) == 0 && all_bytes(at, 0, PAGE),
	   "reserved again it forgets");
	munmap(area, 64 * PAGE);
}

static void hints(char *area)
{
	char *other;

	area[0] = 'h';
	other = mmap(area, PAGE, RW, ANON, -1, 0);
	ok(other != MAP_FAILED && other != area, "a taken hint is not used");
	ok(area[0] == 'h' && other[0] == 0, "and nothing replaced");
	munmap(other, PAGE);
	fails(mmap(area + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL,
	      "MAP_FIXED inside of a page");
}

static void beyond(void)
{
	char *kernel = (char *)0xffff800000000000, *last = (char *)-PAGE;
	char *at;

	fails(mmap(kernel, PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM,
	      "MAP_FIXED where the kernel is");
	fails(mmap(last, PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM,
	      "or at the last page of all");
	fails(mmap(kernel, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), ENOMEM,
	      "so MAP_FIXED_NOREPLACE");
	at = mmap(kernel, PAGE, RW, ANON, -1, 0);
	ok(at != MAP_FAILED && at < kernel, "as a hint it does no harm");
	munmap(at, PAGE);
}

int main(void)
{
	char *area = mmap(NULL, 8 * PAGE, RW, ANON, -1, 0);
	int fd;

	put_text("file", "file");
	fd = open("file", O_RDONLY);
	need(area != MAP_FAILED && fd >= 0);
	replacing(area, fd);
	reserved();
	hints(area);
	beyond();
	munmap(area, 8 * PAGE);
	close(fd);
	return done();
}

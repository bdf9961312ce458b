// SPDX-License-Identifier: BSD-3-Clause
/*
 * Anonymous memory: zeroed, writable, apart from other mappings, aligned to
 * pages; and what mmap() refuses.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define PAGE 4096
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t size, int flags)
{
	return mmap(NULL, size, RW, flags, -1, 0);
}

static void pages(void)
{
	char *a = map(16 * PAGE, ANON);
	char *b = map(16 * PAGE, ANON);

	ok(a != MAP_FAILED && b != MAP_FAILED, "two mappings");
	need(a != MAP_FAILED && b != MAP_FAILED);
	ok((uintptr_t)a % PAGE == 0 && (uintptr_t)b % PAGE == 0,
	   "start at a page");
	ok(a + 16 * PAGE <= b || b + 16 * PAGE <= a, "do not overlap");
	ok(all_bytes(a, 0, 16 * PAGE), "are zero");
	memset(a, 'a', 16 * PAGE);
	ok(all_bytes(b, 0, 16 * PAGE), "one does not change the other");
	ok(all_bytes(a, 'a', 16 * PAGE), "and keeps what is written");
	ok(munmap(a, 16 * PAGE) == 0 && munmap(b, 16 * PAGE) == 0, "munmap");
}

static void sizes(void)
{
	char *odd = map(PAGE + 1, ANON);
	char *shared = map(PAGE, MAP_SHARED | MAP_ANONYMOUS);
	char *none;

	need(odd != MAP_FAILED);
	odd[2 * PAGE - 1] = 'z';
	ok(odd[2 * PAGE - 1] == 'z', "a size is rounded up to pages");
	ok(munmap(odd, PAGE + 1) == 0, "in munmap too");
	ok(shared != MAP_FAILED && all_bytes(shared, 0, PAGE), "MAP_SHARED");
	munmap(shared, PAGE);
	none = mmap(NULL, 64 * PAGE, PROT_NONE, ANON, -1, 0);
	ok(none != MAP_FAILED, "PROT_NONE");
	munmap(none, 64 * PAGE);
}

/* A large mapping costs only the pages one touches. */
static void lazy(void)
{
	size_t size = 1UL << 30;
	char *large = map(size, ANON | MAP_NORESERVE);

	ok(large != MAP_FAILED, "a GiB of address space");
	need(large != MAP_FAILED);
	for (size_t at = 0; at < size; at += size / 16)
		large[at] = (char)(at >> 20);
	ok(large[0] == 0 && large[size / 16] == (char)(size >> 24) &&
		   large[size / 2 + PAGE] == 0,
	   "is there where one touches it");
	ok(munmap(large, size) == 0, "and can be given back");
}

static void fresh_again(void)
{
	int zero = 1;

	for (int i = 0; i < 200; i++) {
		char *map_again = map(32 * PAGE, ANON);

		need(map_again != MAP_FAILED);
		zero &= all_bytes(map_again, 0, 32 * PAGE);
		memset(map_again, 'd', 32 * PAGE);
		need(munmap(map_again, 32 * PAGE) == 0);
	}
	ok(zero, "memory comes back zeroed, 200 times");
}

static void errors(void)
{
	fails(mmap(NULL, 0, RW, ANON, -1, 0), EINVAL, "a size of zero");
	fails(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL,
	      "neither private nor shared");
	fails(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF, "no file");
	ok(mmap(NULL, 1UL << 47, RW, ANON, -1, 0) == MAP_FAILED,
	   "more than the address space");
	fails(munmap((void *)1, PAGE), EINVAL, "munmap inside of a page");
}

int main(void)
{
	pages();
	sizes();
	lazy();
	fresh_again();
	errors();
	return done();
}

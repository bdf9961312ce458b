// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls on memory with sizes and offsets near the ends of their types: sums
 * that overflow are refused as Linux refuses them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "answers.h"

enum { PAGE = 4096 };

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* The system call itself: a C library has opinions of its own on offsets. */
static long map(size_t size, int flags, int fd, uint64_t offset)
{
	return syscall(SYS_mmap, 0L, size, PROT_READ, flags, fd, offset);
}

static void offsets(int fd)
{
	answers(map(PAGE, MAP_SHARED, fd, INT64_MAX - PAGE + 1), EOVERFLOW,
		"a page at 2^63 - 4096, shared");
	answers(map(PAGE, MAP_PRIVATE, fd, INT64_MAX - PAGE + 1), EOVERFLOW,
		"private");
	answers(map(2 * PAGE, MAP_PRIVATE, fd, INT64_MAX - 2 * PAGE + 1),
		EOVERFLOW, "two pages at 2^63 - 8192");
	answers(map(PAGE, MAP_PRIVATE, fd, 1ul << 63), EOVERFLOW, "at 2^63");
	answers(map(PAGE, MAP_PRIVATE, fd, -(uint64_t)PAGE), EOVERFLOW,
		"at 2^64 - 4096");
	answers(map(2 * PAGE, MAP_PRIVATE, fd, -(uint64_t)PAGE), EOVERFLOW,
		"past 2^64");
	answers(map(PAGE, ANON, -1, -(uint64_t)PAGE), 0,
		"memory without a file has no offset");
	answers(map(PAGE, ANON, -1, 1), EINVAL, "but an aligned one");
	answers(map(INT64_MAX, ANON, -1, 0), ENOMEM, "2^63 - 1 bytes");
	answers(map(SIZE_MAX, ANON, -1, 0), ENOMEM, "2^64 - 1 bytes");
	answers(map(-(size_t)PAGE, ANON, -1, 0), ENOMEM, "2^64 - 4096 bytes");
}

static void ranges(char *at)
{
	uintptr_t last = -(uintptr_t)PAGE, start = (uintptr_t)at;
	size_t to_end = -start; /* to 2^64 */

	answers(syscall(SYS_mprotect, at, SIZE_MAX, RW), ENOMEM,
		"mprotect: 2^64 - 1 bytes");
	answers(syscall(SYS_mprotect, at, to_end, RW), ENOMEM,
		"mprotect: to 2^64");
	answers(munmap(at, SIZE_MAX), EINVAL, "munmap: 2^64 - 1 bytes");
	answers(munmap(at, to_end), EINVAL, "munmap: to 2^64");
	answers(munmap((void *)last, PAGE), EINVAL, "munmap: the last page");
	answers(munmap(NULL, PAGE), 0, "munmap: the first, where nothing is");
	answers(madvise(at, SIZE_MAX, MADV_NORMAL), EINVAL,
		"madvise: 2^64 - 1 bytes");
	answers(madvise(at, -(size_t)PAGE, MADV_NORMAL), EINVAL,
		"madvise: past 2^64");
	answers(madvise((void *)last, 2 * PAGE, MADV_NORMAL), EINVAL,
		"madvise: from the last page");
	answers(madvise((void *)last, PAGE, MADV_NORMAL), EINVAL,
		"madvise: of the last page");
	answers(madvise((void *)(last - PAGE), PAGE, MADV_NORMAL), ENOMEM,
		"madvise: of the one before");
	answers(mlock(at, -(size_t)PAGE), EINVAL, "mlock: past 2^64");
	answers(mlock((void *)last, PAGE), EINVAL, "mlock: the last page");
	answers(mlock((void *)last, 1), EINVAL, "mlock: a byte of it");
	answers(munlock(at, -(size_t)PAGE), EINVAL, "munlock: past 2^64");
	answers(msync(at, -(size_t)PAGE, MS_SYNC), ENOMEM, "msync: past 2^64");
	answers(msync((void *)last, 2 * PAGE, MS_SYNC), ENOMEM,
		"msync: from the last page");
}

static void remaps(char *at)
{
	ok(mremap(at, PAGE, SIZE_MAX, MREMAP_MAYMOVE) == MAP_FAILED,
	   "mremap: to 2^64 - 1 bytes");
	ok(mremap(at, PAGE, -(size_t)PAGE, MREMAP_MAYMOVE) == MAP_FAILED,
	   "mremap: to 2^64 - 4096");
	ok(mremap(at, -(size_t)PAGE, PAGE, 0) == MAP_FAILED,
	   "mremap: of 2^64 - 4096");
	ok(*at == 'x', "the page is still there");
}

static void break_ends(void)
{
	long now = syscall(SYS_brk, 0L);

	ok(syscall(SYS_brk, -1L) == now, "brk: 2^64 - 1 is not had");
	ok(syscall(SYS_brk, 1L) == now, "brk: nor 1");
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *at = mmap(NULL, PAGE, RW, ANON, -1, 0);

	need(fd >= 0 && at != MAP_FAILED);
	*at = 'x';
	offsets(fd);
	ranges(at);
	remaps(at);
	break_ends();
	need(unlink("file") == 0);
	return done();
}

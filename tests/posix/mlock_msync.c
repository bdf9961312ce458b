// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory that is locked: what refuses to work on it, what ends a lock, and
 * what calls that lock refuse.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "answers.h"

enum { PAGE = 4096, PAGES = 4 };

#define RW	   (PROT_READ | PROT_WRITE)
#define INVALIDATE (MS_SYNC | MS_INVALIDATE)

static char *map_file(int fd)
{
	char *at = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED, fd, 0);

	need(at != MAP_FAILED);
	return at;
}

static void invalidate(int fd)
{
	char *at = map_file(fd);

	answers(msync(at, PAGE, INVALIDATE), 0, "MS_INVALIDATE before");
	answers(mlock(at, PAGE), 0, "mlock");
	answers(msync(at, PAGE, INVALIDATE), EBUSY, "MS_INVALIDATE of it");
	answers(msync(at, PAGE, MS_SYNC), 0, "MS_SYNC of it");
	answers(msync(at + PAGE, PAGE, INVALIDATE), 0, "of the next page");
	answers(msync(at, PAGES * PAGE, INVALIDATE), EBUSY, "of both");
	answers(munlock(at, PAGE), 0, "munlock");
	answers(msync(at, PAGES * PAGE, INVALIDATE), 0, "MS_INVALIDATE after");
	answers(mlock(at + PAGE + 5, 1), 0, "a byte");
	answers(msync(at + PAGE, PAGE, INVALIDATE), EBUSY, "locks its page");
	answers(msync(at, PAGE, INVALIDATE), 0, "and not the one before");
	need(munmap(at, PAGES * PAGE) == 0);
	at = map_file(fd);
	answers(msync(at, PAGES * PAGE, INVALIDATE), 0, "munmap ends a lock");
	need(munmap(at, PAGES * PAGE) == 0);
}

static void all(int fd)
{
	char *at = map_file(fd), *later;

	answers(mlockall(MCL_CURRENT), 0, "mlockall(MCL_CURRENT)");
	answers(msync(at, PAGE, INVALIDATE), EBUSY, "locks what is mapped");
	later = map_file(fd);
	answers(msync(later, PAGE, INVALIDATE), 0, "not what will be");
	answers(munlockall(), 0, "munlockall");
	answers(msync(at, PAGE, INVALIDATE), 0, "ends it");
	need(munmap(later, PAGES * PAGE) == 0);
	answers(mlockall(MCL_FUTURE), 0, "mlockall(MCL_FUTURE)");
	answers(msync(at, PAGE, INVALIDATE), 0, "locks nothing yet");
	later = map_file(fd);
	answers(msync(later, PAGE, INVALIDATE), EBUSY,
		"but what is mapped now");
	answers(munlockall(), 0, "munlockall");
	answers(msync(later, PAGE, INVALIDATE), 0, "ends that too");
	need(munmap(later, PAGES * PAGE) == 0);
	later = map_file(fd);
	answers(msync(later, PAGE, INVALIDATE), 0, "and what was to come");
	need(munmap(later, PAGES * PAGE) == 0);
	need(munmap(at, PAGES * PAGE) == 0);
}

static void advice(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *at = mmap(NULL, PAGE, RW, flags | MAP_LOCKED, -1, 0);

	need(at != MAP_FAILED);
	*at = 'x';
	answers(madvise(at, PAGE, MADV_DONTNEED), EINVAL,
		"MADV_DONTNEED of MAP_LOCKED");
	answers(madvise(at, PAGE, MADV_FREE), EINVAL, "MADV_FREE");
	ok(*at == 'x', "its contents stay");
	need(munlock(at, PAGE) == 0);
	answers(madvise(at, PAGE, MADV_DONTNEED), 0, "after munlock");
	ok(*at == 0, "they go");
	need(mlock(at, PAGE) == 0);
	at = mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	need(at != MAP_FAILED);
	answers(madvise(at + PAGE, PAGE, MADV_DONTNEED), EINVAL,
		"what mremap adds to it is locked");
	need(munmap(at, 2 * PAGE) == 0);
}

static void holes(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *at = mmap(NULL, 3 * PAGE, RW, flags, -1, 0);

	need(at != MAP_FAILED && munmap(at + PAGE, PAGE) == 0);
	answers(mlock(at, 3 * PAGE), ENOMEM, "mlock over a hole");
	answers(madvise(at, PAGE, MADV_DONTNEED), EINVAL,
		"has locked what is before it");
	answers(munlock(at, 3 * PAGE), ENOMEM, "munlock over a hole");
	answers(madvise(at, PAGE, MADV_DONTNEED), 0, "unlocks it");
	answers(mlock(NULL, PAGE), ENOMEM, "mlock of nothing");
	answers(mlock(at, 0), 0, "of no bytes");
	at[0] = at[2 * PAGE] = 'x';
	answers(madvise(at, 3 * PAGE, MADV_DONTNEED), ENOMEM,
		"MADV_DONTNEED over a hole");
	ok(at[0] == 0 && at[2 * PAGE] == 0, "empties both sides of it");
	answers(msync(at, 3 * PAGE, MS_SYNC), ENOMEM, "msync over a hole");
	answers(msync(at, 0, MS_SYNC), 0, "of no bytes");
}

static char image[2 * PAGE];

static void flags(void)
{
	answers(mlockall(0), EINVAL, "mlockall(0)");
	answers(mlockall(8), EINVAL, "a flag nobody knows");
	answers(mlockall(4), EINVAL, "MCL_ONFAULT alone");
	answers(syscall(SYS_mlock2, image, (long)sizeof(image), 1L), 0,
		"mlock2(MLOCK_ONFAULT)");
	answers(syscall(SYS_mlock2, image, (long)sizeof(image), 2L), EINVAL,
		"a flag nobody knows");
	answers(mlock(image, sizeof(image)), 0, "mlock of a variable");
	answers(munlock(image, sizeof(image)), 0, "munlock of a variable");
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	need(fd >= 0 && ftruncate(fd, PAGES * PAGE) == 0);
	invalidate(fd);
	all(fd);
	advice();
	holes();
	flags();
	need(unlink("file") == 0);
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * mprotect() changes the rights of pages and keeps their contents; it
 * refuses what is not mapped or not a page.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define PAGE 4096
#define RW   (PROT_READ | PROT_WRITE)

static char *map(size_t size, int rights)
{
	char *at = mmap(NULL, size, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(at != MAP_FAILED);
	return at;
}

static void rights(void)
{
	char *at = map(4 * PAGE, RW);

	memset(at, 'k', 4 * PAGE);
	ok(mprotect(at, 4 * PAGE, PROT_READ) == 0, "read-only");
	ok(all_bytes(at, 'k', 4 * PAGE), "keeps the contents");
	ok(mprotect(at, 4 * PAGE, RW) == 0, "writable");
	at[0] = 'w';
	ok(at[0] == 'w', "takes a write");
	ok(mprotect(at + PAGE, PAGE, PROT_NONE) == 0,
	   "no rights in the middle");
	at[PAGE - 1] = at[2 * PAGE] = 'n';
	ok(at[PAGE - 1] == 'n' && at[2 * PAGE] == 'n',
	   "neighbours stay writable");
	ok(mprotect(at, 4 * PAGE, RW) == 0 && all_bytes(at + PAGE, 'k', PAGE),
	   "no rights lose no contents");
	ok(mprotect(at, 1, PROT_READ) == 0 && mprotect(at, PAGE, RW) == 0,
	   "a size is rounded up to pages");
	ok(mprotect(at, 0, PROT_NONE) == 0, "a size of zero");
	at[0] = 'z';
	ok(at[0] == 'z', "changes nothing");
	munmap(at, 4 * PAGE);
}

static void reserved(void)
{
	char *at = map(256 * PAGE, PROT_NONE);

	ok(mprotect(at + 100 * PAGE, 10 * PAGE, RW) == 0,
	   "a part of a reserved range becomes memory");
	ok(all_bytes(at + 100 * PAGE, 0, 10 * PAGE), "which is zero");
	memset(at + 100 * PAGE, 'r', 10 * PAGE);
	ok(all_bytes(at + 100 * PAGE, 'r', 10 * PAGE), "and writable");
	munmap(at, 256 * PAGE);
}

/* Code is written first and made executable then, never both at once. */
static void code(void)
{
	static const unsigned char seven[] = {0xb8, 7, 0, 0, 0, 0xc3};
	char *at = map(PAGE, RW);
	int (*function)(void);

	memcpy(at, seven, sizeof(seven));
	ok(mprotect(at, PAGE, PROT_READ | PROT_EXEC) == 0, "executable");
	memcpy(&function, &at, sizeof(at));
#ifdef __x86_64__
	ok(function() == 7, "it runs");
#else
	ok(function != NULL, "it runs");
#endif
	munmap(at, PAGE);
}

static void errors(void)
{
	char *at = map(3 * PAGE, RW);

	fails(mprotect(at, PAGE, 0x80), EINVAL, "unknown rights");
	need(munmap(at + PAGE, PAGE) == 0);
	fails(mprotect(at + PAGE, PAGE, RW), ENOMEM, "what is not mapped");
	fails(mprotect(at, 3 * PAGE, RW), ENOMEM, "a range with a hole");
	munmap(at, 3 * PAGE);
	fails(mprotect(at, PAGE, RW), ENOMEM, "what is mapped no more");
}

/* A file that was opened to be read, and a hole: what comes first is said. */
static void errors_in_order(void)
{
	char *at = map(3 * PAGE, RW);
	int fd;

	put_text("file", "text");
	fd = open("file", O_RDONLY);
	need(fd >= 0 &&
	     mmap(at, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == at);
	need(munmap(at + PAGE, PAGE) == 0);
	fails(mprotect(at, 3 * PAGE, RW), EACCES, "read-only, then a hole");
	need(mmap(at + 2 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
		  0) == at + 2 * PAGE);
	fails(mprotect(at + PAGE, 2 * PAGE, RW), ENOMEM, "the other way round");
	need(munmap(at, 3 * PAGE) == 0 && close(fd) == 0);
	need(unlink("file") == 0);
}

int main(void)
{
	rights();
	reserved();
	code();
	errors();
	errors_in_order();
	return done();
}

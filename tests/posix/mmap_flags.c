// SPDX-License-Identifier: BSD-3-Clause
/*
 * mmap(2): each flag is honoured, or refused where Linux refuses it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "answers.h"

#ifndef MAP_SYNC
#define MAP_SYNC 0x80000
#endif

enum { PAGE = 4096, UNKNOWN = 0x200000 };

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

struct row {
	const char *name;
	int prot, flags, want;
};

static const struct row without_file[] = {
	{"MAP_GROWSDOWN", RW, ANON | MAP_GROWSDOWN, 0},
	{"MAP_LOCKED", RW, ANON | MAP_LOCKED, 0},
	{"MAP_POPULATE", RW, ANON | MAP_POPULATE, 0},
	{"MAP_NONBLOCK", RW, ANON | MAP_NONBLOCK, 0},
	{"MAP_STACK", RW, ANON | MAP_STACK, 0},
	{"MAP_DENYWRITE", RW, ANON | MAP_DENYWRITE, 0},
	{"MAP_EXECUTABLE", RW, ANON | MAP_EXECUTABLE, 0},
	{"a flag nobody knows", RW, ANON | UNKNOWN, 0},
	{"a protection nobody knows", 0x10, ANON, 0},
	{"MAP_SHARED", RW, MAP_SHARED | MAP_ANONYMOUS, 0},
	{"MAP_SHARED | MAP_GROWSDOWN", RW,
	 MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, EINVAL},
	{"MAP_SHARED_VALIDATE", RW, MAP_SHARED_VALIDATE | MAP_ANONYMOUS,
	 EINVAL},
	{"no type", RW, MAP_ANONYMOUS, EINVAL},
	{"a type nobody knows", RW, MAP_ANONYMOUS | 4, EINVAL},
};

static const struct row with_file[] = {
	{"MAP_SHARED", RW, MAP_SHARED, 0},
	{"MAP_SHARED_VALIDATE", RW, MAP_SHARED_VALIDATE, 0},
	{"MAP_SHARED_VALIDATE | MAP_POPULATE", RW,
	 MAP_SHARED_VALIDATE | MAP_POPULATE, 0},
	{"MAP_SHARED_VALIDATE | MAP_SYNC", RW, MAP_SHARED_VALIDATE | MAP_SYNC,
	 EOPNOTSUPP},
	{"MAP_SHARED_VALIDATE with a flag nobody knows", RW,
	 MAP_SHARED_VALIDATE | UNKNOWN, EOPNOTSUPP},
	{"MAP_SHARED with a flag nobody knows", RW, MAP_SHARED | UNKNOWN, 0},
	{"MAP_PRIVATE with a flag nobody knows", RW, MAP_PRIVATE | UNKNOWN, 0},
	{"MAP_SHARED | MAP_GROWSDOWN", RW, MAP_SHARED | MAP_GROWSDOWN, EINVAL},
	{"MAP_PRIVATE | MAP_GROWSDOWN", RW, MAP_PRIVATE | MAP_GROWSDOWN,
	 EINVAL},
	{"MAP_SHARED | MAP_HUGETLB", RW, MAP_SHARED | MAP_HUGETLB, EINVAL},
	{"no type", RW, 0, EINVAL},
	{"a type nobody knows", RW, 4, EINVAL},
};

static void try_rows(const char *kind, const struct row *rows, size_t count,
		     int fd)
{
	for (size_t i = 0; i < count; i++) {
		char what[100];
		void *at;

		snprintf(what, sizeof(what), "%s: %s", kind, rows[i].name);
		errno = 0;
		at = mmap(NULL, PAGE, rows[i].prot, rows[i].flags, fd, 0);
		answers_check((long)at, rows[i].want, what, __FILE__, __LINE__);
		if (at != MAP_FAILED)
			need(munmap(at, PAGE) == 0);
	}
}

static void low(int fd)
{
	void *at = mmap(NULL, PAGE, RW, ANON | MAP_32BIT, -1, 0);

	ok(at == MAP_FAILED ? errno == ENOMEM : (uintptr_t)at >> 31 == 0,
	   "MAP_32BIT: below 2 GiB, or not at all");
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_32BIT, fd, 0);
	ok(at == MAP_FAILED ? errno == ENOMEM : (uintptr_t)at >> 31 == 0,
	   "the same for a file");
	at = mmap(NULL, PAGE, RW, ANON, -1, 0);
	need(at != MAP_FAILED);
	ok(mmap(at, PAGE, RW, ANON | MAP_32BIT | MAP_FIXED, -1, 0) == at,
	   "MAP_FIXED has its way");
}

static void places(void)
{
	char *at = mmap(NULL, 2 * PAGE, RW, ANON, -1, 0);
	int fixed = ANON | MAP_FIXED, careful = ANON | MAP_FIXED_NOREPLACE;

	need(at != MAP_FAILED);
	*at = 'x';
	answers(mmap(at, PAGE, RW, careful, -1, 0), EEXIST,
		"MAP_FIXED_NOREPLACE where something is");
	ok(*at == 'x', "which stays");
	need(munmap(at + PAGE, PAGE) == 0);
	ok(mmap(at + PAGE, PAGE, RW, careful, -1, 0) == at + PAGE,
	   "where nothing is");
	answers(mmap(at + 1, PAGE, RW, careful, -1, 0), EINVAL,
		"inside of a page");
	answers(mmap(at + 1, PAGE, RW, fixed, -1, 0), EINVAL,
		"MAP_FIXED inside of a page");
	ok(mmap(at, PAGE, RW, fixed, -1, 0) == at && *at == 0,
	   "MAP_FIXED replaces what is there");
	answers(mmap((void *)-PAGE, PAGE, RW, fixed, -1, 0), ENOMEM,
		"MAP_FIXED at the end of addresses");
	answers(mmap((void *)-PAGE, PAGE, RW, ANON, -1, 0), 0,
		"which as a hint is one");
}

static void files(int fd)
{
	int only_path = open("file", O_PATH),
	    only_read = open("file", O_RDONLY);
	int only_write = open("file", O_WRONLY);
	int directory = open(".", O_RDONLY | O_DIRECTORY), ends[2];

	need(pipe(ends) == 0);
	answers(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, only_path, 0), EBADF,
		"O_PATH");
	answers(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, directory, 0), ENODEV,
		"a directory");
	answers(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ends[0], 0), ENODEV,
		"a pipe");
	answers(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ends[1], 0), EACCES,
		"the end that is written");
	answers(mmap(NULL, PAGE, RW, MAP_SHARED, only_read, 0), EACCES,
		"to write what is only read");
	answers(mmap(NULL, PAGE, RW, MAP_PRIVATE, only_read, 0), 0,
		"a copy of it");
	answers(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, only_write, 0), EACCES,
		"to read what is only written");
	answers(mmap(NULL, 0, PROT_READ, MAP_SHARED, 999, 0), EBADF,
		"the descriptor is looked at before the size");
	answers(mmap(NULL, 0, PROT_READ, MAP_SHARED, 999, 1), EINVAL,
		"and after the offset");
	answers(mmap(NULL, 0, PROT_READ, MAP_SHARED | 4, fd, 0), EINVAL,
		"no size");
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	need(fd >= 0 && ftruncate(fd, PAGE) == 0);
	try_rows("anonymous", without_file,
		 sizeof(without_file) / sizeof(without_file[0]), -1);
	try_rows("file", with_file, sizeof(with_file) / sizeof(with_file[0]),
		 fd);
	low(fd);
	places();
	files(fd);
	need(unlink("file") == 0);
	return done();
}

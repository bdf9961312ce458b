// SPDX-License-Identifier: BSD-3-Clause
/*
 * madvise(2): which advice there is, of which memory, and what it does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "answers.h"

enum { PAGE = 4096, SIZE = 2 * PAGE };

#define RW (PROT_READ | PROT_WRITE)

enum { ANONYMOUS, SHARED, READ_ONLY, COPY, KINDS };

static const char *const kinds[KINDS] = {
	"memory", "a shared file", "a shared file to be read", "a file's copy"};

/* What of which kind: 0, or the error; -1: it is not asked. */
struct advice {
	const char *name;
	int number, want[KINDS];
};

static const struct advice all[] = {
	{"MADV_NORMAL", 0, {0, 0, 0, 0}},
	{"MADV_RANDOM", 1, {0, 0, 0, 0}},
	{"MADV_SEQUENTIAL", 2, {0, 0, 0, 0}},
	{"MADV_WILLNEED", 3, {0, 0, 0, 0}},
	{"MADV_DONTNEED", 4, {0, 0, 0, 0}},
	{"nothing (5)", 5, {EINVAL, EINVAL, EINVAL, EINVAL}},
	{"MADV_FREE", 8, {0, EINVAL, EINVAL, EINVAL}},
	{"MADV_REMOVE", 9, {EINVAL, -1, -1, EACCES}},
	{"MADV_DONTFORK", 10, {0, 0, 0, 0}},
	{"MADV_DOFORK", 11, {0, 0, 0, 0}},
	{"MADV_DONTDUMP", 16, {0, 0, 0, 0}},
	{"MADV_DODUMP", 17, {0, 0, 0, 0}},
	{"MADV_WIPEONFORK", 18, {0, EINVAL, EINVAL, EINVAL}},
	{"MADV_KEEPONFORK", 19, {0, 0, 0, 0}},
	{"MADV_COLD", 20, {0, 0, 0, 0}},
	{"MADV_POPULATE_READ", 22, {0, 0, 0, 0}},
	{"MADV_POPULATE_WRITE", 23, {0, 0, EINVAL, EINVAL}},
	{"nothing (99)", 99, {EINVAL, EINVAL, EINVAL, EINVAL}},
	{"nothing (-1)", -1, {EINVAL, EINVAL, EINVAL, EINVAL}},
};

static char *map(int kind, int fd)
{
	static const int prot[KINDS] = {RW, RW, PROT_READ, PROT_READ};
	static const int flags[KINDS] = {MAP_PRIVATE | MAP_ANONYMOUS,
					 MAP_SHARED, MAP_SHARED, MAP_PRIVATE};
	char *at = mmap(NULL, SIZE, prot[kind], flags[kind],
			kind == ANONYMOUS ? -1 : fd, 0);

	need(at != MAP_FAILED);
	return at;
}

static void table(int fd)
{
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		for (int kind = 0; kind < KINDS; kind++) {
			char what[80], *at = map(kind, fd);

			snprintf(what, sizeof(what), "%s of %s", all[i].name,
				 kinds[kind]);
			if (all[i].want[kind] >= 0)
				answers(madvise(at, SIZE, all[i].number),
					all[i].want[kind], what);
			need(munmap(at, SIZE) == 0);
		}
	}
}

static void effects(int fd)
{
	char *at = map(ANONYMOUS, -1), *file = map(SHARED, fd);

	memset(at, 'x', SIZE);
	ok(madvise(at, PAGE, MADV_DONTNEED) == 0 && at[0] == 0 &&
		   at[PAGE] == 'x',
	   "MADV_DONTNEED empties what it is told");
	memset(file, 'y', SIZE);
	ok(madvise(file, SIZE, MADV_DONTNEED) == 0 && file[0] == 'y',
	   "and no file");
	need(munmap(file, SIZE) == 0);
	file = map(COPY, fd);
	ok(madvise(file, SIZE, MADV_DONTNEED) == 0 && file[SIZE - 1] == 'y',
	   "a copy has the file's contents again");
	answers(madvise(at + 1, PAGE, MADV_NORMAL), EINVAL, "inside of a page");
	answers(madvise(at, 0, MADV_NORMAL), 0, "of no bytes");
	answers(madvise(at, 0, 99), EINVAL, "of which nothing is no advice");
	need(munmap(at, SIZE) == 0 && munmap(file, SIZE) == 0);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	need(fd >= 0 && ftruncate(fd, SIZE) == 0);
	table(fd);
	effects(fd);
	need(unlink("file") == 0);
	return done();
}

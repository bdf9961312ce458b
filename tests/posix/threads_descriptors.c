// SPDX-License-Identifier: BSD-3-Clause
/*
 * The descriptor table under threads that open, duplicate, replace and close
 * the same few descriptors, and look at them all the while.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "together.h"

enum { THREADS = 4, ROUNDS = 3000, FIRST = 20, SLOTS = 8 };

static ino_t right[2];
static int keep[2];
static int wrong[THREADS];

/* What is at (fd) is one of the two files, or nothing. */
static int is_right(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno == EBADF;
	return st.st_ino == right[0] || st.st_ino == right[1];
}

static unsigned next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

static void *shuffle(void *arg)
{
	long number = (long)arg;
	unsigned seed = (unsigned)number * 77 + 1;

	for (int i = 0; i < ROUNDS; i++) {
		int slot = FIRST + (int)(next(&seed) % SLOTS), fd;

		switch (next(&seed) % 4) {
		case 0:
			wrong[number] |= dup2(keep[i % 2], slot) != slot;
			break;
		case 1:
			wrong[number] |= close(slot) != 0 && errno != EBADF;
			break;
		case 2:
			fd = fcntl(slot, F_DUPFD_CLOEXEC, FIRST + SLOTS);
			wrong[number] |= fd < 0 && errno != EBADF;
			if (fd >= 0)
				wrong[number] |= !is_right(fd) || close(fd);
			break;
		case 3:
			wrong[number] |= !is_right(slot);
			break;
		}
	}
	return NULL;
}

static int opened[THREADS][64];

/* Open many; every descriptor is one's own. */
static void *take(void *arg)
{
	int *fds = opened[(long)arg];

	for (int i = 0; i < 64; i++)
		fds[i] = open(i % 2 ? "one" : "two", O_RDONLY);
	return NULL;
}

static void own_ones(void)
{
	static char seen[4096];
	int twice = 0, failed = 0;

	together(THREADS, take);
	for (int i = 0; i < THREADS * 64; i++) {
		int fd = opened[i / 64][i % 64];

		if (fd < 0 || fd >= (int)sizeof(seen)) {
			failed++;
			continue;
		}
		twice += seen[fd]++;
		close(fd);
	}
	ok(failed == 0, "every thread opens its files");
	ok(twice == 0, "no descriptor is given twice");
}

/* The limit goes up and down while others open. */
static void *open_and_close(void *arg)
{
	long number = (long)arg;

	for (int i = 0; i < ROUNDS; i++) {
		int fd = open("one", O_RDONLY);

		if (fd < 0) {
			wrong[number] |= errno != EMFILE;
			continue;
		}
		wrong[number] |= !is_right(fd) || close(fd) != 0;
	}
	return NULL;
}

static void *change_limit(void *arg)
{
	struct rlimit limit, low;

	need(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	low = limit;
	low.rlim_cur = 5;
	for (int i = 0; i < ROUNDS; i++)
		need(setrlimit(RLIMIT_NOFILE, i % 2 ? &limit : &low) == 0);
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	return arg;
}

static void *limit_or_open(void *arg)
{
	return (long)arg == 0 ? change_limit(arg) : open_and_close(arg);
}

static int any_wrong(void)
{
	int any = 0;

	for (int i = 0; i < THREADS; i++)
		any |= wrong[i];
	return any;
}

int main(void)
{
	static const char *const names[] = {"one", "two"};

	for (int i = 0; i < 2; i++) {
		struct stat st;

		keep[i] = open(names[i], O_CREAT | O_RDWR, 0644);
		need(keep[i] >= 0 && fstat(keep[i], &st) == 0);
		right[i] = st.st_ino;
	}
	together(THREADS, shuffle);
	ok(!any_wrong(), "what is at a descriptor is never anything else");
	for (int i = 0; i < SLOTS; i++)
		close(FIRST + i);
	own_ones();
	together(THREADS, limit_or_open);
	ok(!any_wrong(), "a limit that changes loses nothing");
	unlink("one");
	unlink("two");
	return done();
}

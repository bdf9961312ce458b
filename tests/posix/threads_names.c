// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names under threads that make, rename, link, remove and look up the same
 * few, also directories into one another.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "together.h"

enum { THREADS = 4, ROUNDS = 400, NAMES = 5, WRITES = 200 };

static int wrong[THREADS];

static unsigned next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

static void name_of(char *buf, unsigned *seed)
{
	unsigned dir = next(seed) % NAMES, file = next(seed) % NAMES;

	sprintf(buf, "d%u/f%u", dir, file);
}

/* Errors that a race may bring; others are wrong. */
static int may_fail(int result)
{
	static const int errors[] = {ENOENT,  EEXIST, ENOTEMPTY, EINVAL,
				     ENOTDIR, EISDIR, EPERM};

	for (unsigned i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (result >= 0 || errno == errors[i])
			return 1;
	}
	return 0;
}

static int read_names(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int good = 1;

	if (dir == NULL)
		return may_fail(-1);
	while ((entry = readdir(dir)) != NULL)
		good &= entry->d_name[0] == 'f' || entry->d_name[0] == 'd' ||
			entry->d_name[0] == '.';
	return closedir(dir) == 0 && good;
}

static int step(unsigned *seed)
{
	char a[16], b[16];
	struct stat st;
	int fd;

	name_of(a, seed);
	name_of(b, seed);
	switch (next(seed) % 7) {
	case 0:
		fd = open(a, O_CREAT | O_RDWR, 0644);
		return may_fail(fd) && (fd < 0 || close(fd) == 0);
	case 1:
		return may_fail(unlink(a));
	case 2:
		return may_fail(rename(a, b));
	case 3:
		return may_fail(link(a, b));
	case 4:
		a[2] = b[2] = '\0'; /* directories: one into the other */
		b[2] = '/';
		return may_fail(rename(a, b));
	case 5:
		a[2] = '\0';
		return read_names(a);
	}
	return may_fail(stat(a, &st)) && (errno == ENOENT || st.st_mode != 0);
}

static void *shuffle(void *arg)
{
	long number = (long)arg;
	unsigned seed = (unsigned)number * 31 + 5;

	for (int i = 0; i < ROUNDS; i++)
		wrong[number] |= !step(&seed);
	return NULL;
}

/* One file goes back and forth: one of its names is there at any time. */
static volatile int stop;

static void *swap(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		need(link("here", "there") == 0 && unlink("here") == 0);
		need(rename("there", "here") == 0);
	}
	stop = 1;
	return arg;
}

static int put_in_place(long number)
{
	char name[16];
	int fd;

	sprintf(name, "new%ld", number);
	fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0644);
	return fd >= 0 && write(fd, "four", 4) == 4 && close(fd) == 0 &&
	       rename(name, "always") == 0;
}

static void *replace(void *arg)
{
	long number = (long)arg;

	while (!stop) {
		struct stat st;

		wrong[number] |= stat("always", &st) != 0 || st.st_size != 4;
		wrong[number] |= number == 1 && !put_in_place(number);
	}
	return NULL;
}

static void *swap_or_replace(void *arg)
{
	return (long)arg == 0 ? swap(arg) : replace(arg);
}

/* Everybody appends whole lines to one file. */
static void *append(void *arg)
{
	int fd = open("log", O_WRONLY | O_APPEND);
	char line[16];

	sprintf(line, "line of %ld.....", (long)arg);
	for (int i = 0; i < WRITES; i++)
		wrong[(long)arg] |= write(fd, line, 14) != 14;
	close(fd);
	return NULL;
}

static int whole_lines(void)
{
	int counts[THREADS] = {0}, fd = open("log", O_RDONLY), good = 1;
	char line[14];

	while (read(fd, line, 14) == 14) {
		int number = line[8] - '0';

		good &= memcmp(line, "line of ", 8) == 0 && number >= 0 &&
			number < THREADS;
		if (good)
			counts[number]++;
	}
	close(fd);
	for (int i = 0; i < THREADS; i++)
		good &= counts[i] == WRITES;
	return good;
}

static int any_wrong(void)
{
	int any = 0;

	for (int i = 0; i < THREADS; i++)
		any |= wrong[i];
	return any;
}

static void put(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	need(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

int main(void)
{
	char name[8];

	for (int i = 0; i < NAMES; i++) {
		sprintf(name, "d%d", i);
		need(mkdir(name, 0755) == 0);
	}
	together(THREADS, shuffle);
	ok(!any_wrong(), "names come and go by the rules");
	put("here", "x");
	put("always", "four");
	together(THREADS, swap_or_replace);
	ok(!any_wrong(), "a name that is replaced is there all the time");
	put("log", "");
	together(THREADS, append);
	ok(!any_wrong() && whole_lines(),
	   "what is appended stays in one piece");
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * A sequence of calls on files, the same wherever it runs.
 *
 *	do DIR SEED STEPS   do them in DIR; a line each: what it says
 *	list DIR            all that there is: its attributes, a sum of its bytes
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DATA = 20000 };

static uint64_t seed;
static char data[DATA];

/* xorshift64* */
static unsigned any(unsigned below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned)((seed * 2685821657736338717u >> 33) % below);
}

static const char *any_path(void)
{
	static char paths[2][64];
	static int turn;
	char *path = paths[turn++ % 2];

	switch (any(3)) {
	case 0:
		snprintf(path, 64, "a%u", any(8));
		break;
	case 1:
		snprintf(path, 64, "a%u/b%u", any(4), any(6));
		break;
	default:
		snprintf(path, 64, "a%u/b%u/a-name-of-some-length-%u", any(4),
			 any(3), any(5));
	}
	return path;
}

static int change(const char *path, int how)
{
	static const int modes[] = {0, FALLOC_FL_KEEP_SIZE,
				    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				    FALLOC_FL_ZERO_RANGE};
	int fd = open(path,
		      how == 0 ? O_CREAT | O_RDWR | O_NONBLOCK
			       : O_RDWR | O_NONBLOCK,
		      0640);
	unsigned at = any(60000), len = 1 + any(DATA);
	int result = -1;

	if (fd < 0)
		return fd;
	memset(data, 'a' + (int)any(26), DATA);
	if (how <= 1)
		result = (int)pwrite(fd, data, len, how == 0 ? 0 : at);
	else if (how == 2)
		result = ftruncate(fd, at);
	else if (how == 3)
		result = fallocate(fd, modes[any(4)], at, len);
	else
		result = fsync(fd);
	close(fd);
	return result;
}

static int set_times(const char *path)
{
	const struct timespec times[2] = {{any(1 << 30), any(1000000000)},
					  {any(1 << 30), any(1000000000)}};

	return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static int step(void)
{
	const char *path = any_path(), *other = any_path();
	unsigned what = any(20);

	switch (what) {
	case 0 ... 2:
		return mkdir(path, 0700 | any(0100));
	case 3 ... 5:
		return change(path, 0);
	case 6 ... 7:
		return change(path, 1);
	case 8 ... 10:
		return change(path, (int)what - 6);
	case 11:
		return unlink(path);
	case 12:
		return rmdir(path);
	case 13 ... 14:
		return rename(path, other);
	case 15:
		return link(path, other);
	case 16:
		memset(data, 'x', 200);
		data[1 + any(150)] = '\0';
		return symlink(data, path);
	case 17:
		return chmod(path, any(07777));
	case 18:
		return set_times(path);
	}
	return mkfifo(path, 0600);
}

static void do_steps(unsigned steps)
{
	char path[16];

	umask(022);
	for (unsigned i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), i < 4 ? "a%u" : "a%u/b%u", i % 4,
			 i / 4 - 1);
		mkdir(path, 0755);
	}
	for (unsigned i = 0; i < steps; i++) {
		int result = step();

		printf("%u: %d\n", i, result < 0 ? -errno : result);
	}
}

static uint64_t sum_of(const char *path, const struct stat *st)
{
	uint64_t sum = 14695981039346656037u; /* FNV-1a */
	ssize_t n = 0;
	int fd = -1;

	if (S_ISLNK(st->st_mode))
		n = readlink(path, data, DATA);
	else if (S_ISREG(st->st_mode))
		fd = open(path, O_RDONLY);
	do {
		if (fd >= 0)
			n = read(fd, data, DATA);
		for (ssize_t i = 0; i < n; i++)
			sum = (sum ^ (unsigned char)data[i]) * 1099511628211u;
	} while (fd >= 0 && n > 0);
	if (fd >= 0)
		close(fd);
	return n < 0 ? 0 : sum;
}

static void list(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;
		char below[4096];
		struct stat st;

		snprintf(below, sizeof(below), "%s/%s", path, name);
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    strcmp(name, "lost+found") == 0 || lstat(below, &st) != 0)
			continue;
		printf("%s %o %lu %ld %ld %ld.%09ld %016lx\n", below,
		       st.st_mode, (unsigned long)st.st_nlink, (long)st.st_size,
		       (long)st.st_blocks, (long)st.st_mtim.tv_sec,
		       st.st_mtim.tv_nsec, (unsigned long)sum_of(below, &st));
		if (S_ISDIR(st.st_mode))
			list(below);
	}
}

int main(int argc, char **argv)
{
	if (argc < 3 || chdir(argv[2]) != 0)
		return 2;
	if (argc == 5) {
		seed = strtoul(argv[3], NULL, 10) * 2685821657736338717u + 1;
		do_steps((unsigned)atoi(argv[4]));
	} else {
		list(".");
	}
	return 0;
}

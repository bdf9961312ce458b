// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files that are to last, in the directory (argv[2]).
 *
 *	make     files of all kinds, written in all ways
 *	check    are they there? Says what is not
 *	follow   lines in a file, each told when it is synced
 *	linger   writes without a sync, says so, and waits to be ended
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 200, BIG = 3000000, LINE = 10 };

static char big[BIG];

static void need(int holds, const char *what)
{
	if (holds)
		return;
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static void fill(void)
{
	for (unsigned i = 0; i < BIG; i++)
		big[i] = (char)(i * 2654435761u >> 13);
}

static void put(const char *name, const void *data, size_t len)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0640);

	need(fd >= 0 && write(fd, data, len) == (ssize_t)len, name);
	need(close(fd) == 0, name);
}

/* A guest maps it; a process on a disk cannot, and writes. */
static void put_by_mapping(const char *name)
{
	int fd = open(name, O_CREAT | O_RDWR | O_EXCL, 0600);
	char *map;

	need(fd >= 0 && ftruncate(fd, 3 * 4096) == 0, name);
	map = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		need(errno == ENODEV && pwrite(fd, "mapped", 6, 5000) == 6,
		     "a mapping");
	} else {
		memcpy(map + 5000, "mapped", 6);
		need(munmap(map, 3 * 4096) == 0, "munmap");
	}
	need(close(fd) == 0, name);
}

static void make(void)
{
	char name[32];
	int fd;

	put("big", big, BIG);
	put("gone", big, 100000);
	need(unlink("gone") == 0, "unlink");
	put("cut", big, 100000);
	need(truncate("cut", 12345) == 0, "truncate");
	fd = open("sparse", O_CREAT | O_WRONLY, 0600);
	need(pwrite(fd, "end", 3, 1 << 30) == 3, "sparse");
	need(mkdir("many", 0700) == 0, "mkdir");
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "many/file %d", i);
		put(name, name, strlen(name));
	}
	for (int i = 0; i < FILES; i += 3) {
		snprintf(name, sizeof(name), "many/file %d", i);
		need(unlink(name) == 0, name);
	}
	need(link("cut", "hard") == 0 && symlink("many/file 1", "soft") == 0,
	     "links");
	need(rename("many/file 2", "moved") == 0, "rename");
	put_by_mapping("mapped");
	need(chmod("hard", 04755) == 0, "chmod");
	puts("made");
}

static int has(const char *name, off_t at, const void *data, size_t len)
{
	static char found[BIG];
	int fd = open(name, O_RDONLY), same;

	if (fd < 0)
		return 0;
	same = pread(fd, found, len, at) == (ssize_t)len &&
	       memcmp(found, data, len) == 0;
	close(fd);
	return same;
}

static void check(void)
{
	struct stat st;
	char name[32];

	need(has("big", 0, big, BIG), "big");
	need(access("gone", F_OK) == -1 && errno == ENOENT, "gone");
	need(has("hard", 0, big, 12345) && stat("hard", &st) == 0 &&
		     st.st_size == 12345 && st.st_nlink == 2 &&
		     st.st_mode == (S_IFREG | 04755),
	     "hard");
	need(has("sparse", 1 << 30, "end", 3) && stat("sparse", &st) == 0 &&
		     st.st_blocks < 100,
	     "sparse");
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "many/file %d", i);
		if (i % 3 == 0 || i == 2)
			need(access(name, F_OK) == -1, name);
		else
			need(has(name, 0, name, strlen(name)), name);
	}
	need(has("soft", 0, "many/file 1", 11), "soft");
	need(has("moved", 0, "many/file 2", 11), "moved");
	need(has("mapped", 5000, "mapped", 6), "mapped");
	puts("all there");
}

/* Until the machine is no more. */
static void follow(void)
{
	int fd = open("log", O_CREAT | O_RDWR | O_APPEND, 0600);
	char line[LINE + 1];

	need(fd >= 0, "log");
	for (int i = 0;; i++) {
		snprintf(line, sizeof(line), "%9d\n", i);
		need(write(fd, line, LINE) == LINE, "write");
		need(fdatasync(fd) == 0, "fdatasync");
		printf("%d\n", i);
		fflush(stdout);
	}
}

static volatile sig_atomic_t asked;

static void note(int signal)
{
	asked = 1;
}

/* Nothing is synced. Until SIGTERM, by its handler or without one. */
static void stream(void)
{
	int fd = open("log", O_CREAT | O_RDWR | O_APPEND, 0600);
	char line[LINE + 1];

	need(fd >= 0, "log");
	for (int i = 0; !asked; i++) {
		snprintf(line, sizeof(line), "%9d\n", i);
		need(write(fd, line, LINE) == LINE, "write");
		printf("%d\n", i);
		fflush(stdout);
	}
	puts("asked to end");
}

static void linger(void)
{
	put("unsynced", big, 50000);
	puts("written");
	fflush(stdout);
	pause();
}

int main(int argc, char **argv)
{
	need(argc == 3 && chdir(argv[2]) == 0, "usage: WHAT DIR");
	fill();
	if (strcmp(argv[1], "make") == 0)
		make();
	else if (strcmp(argv[1], "check") == 0)
		check();
	else if (strcmp(argv[1], "follow") == 0)
		follow();
	else if (strcmp(argv[1], "stream") == 0)
		stream();
	else if (strcmp(argv[1], "handle") == 0)
		signal(SIGTERM, note), stream();
	else if (strcmp(argv[1], "ignore") == 0)
		signal(SIGTERM, SIG_IGN), stream();
	else
		linger();
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: leaves_files [abort]: leave files in /out, and change what is in the
 * working directory.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BIG = 5 << 20, FAR = 10000000, EXIT = 7 };

static void need(int fine, const char *what)
{
	if (fine)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static void put(const char *path, int flags, const void *data, size_t len,
		off_t at)
{
	int fd = open(path, O_WRONLY | flags, 0640);

	need(fd >= 0, path);
	if (at == 0)
		need(write(fd, data, len) == (ssize_t)len, path);
	else
		need(pwrite(fd, data, len, at) == (ssize_t)len, path);
	need(close(fd) == 0, path);
}

/* Of which no two pages are the same. */
static unsigned char *big_contents(void)
{
	unsigned char *bytes = malloc(BIG);

	need(bytes != NULL, "malloc");
	for (int i = 0; i < BIG; i++)
		bytes[i] = (unsigned char)(i * 7 + i / 4096);
	return bytes;
}

int main(int argc, char **argv)
{
	unsigned char *bytes = big_contents();

	need(mkdir("/out/d", 0755) == 0, "/out/d");
	need(mkdir("/out/d/empty", 0700) == 0, "/out/d/empty");
	put("/out/d/text", O_CREAT, "text\n", 5, 0);
	need(link("/out/d/text", "/out/again") == 0, "link");
	need(symlink("../again", "/out/d/link") == 0, "symlink");
	put("/out/sparse", O_CREAT, "end", 3, FAR);
	put("/out/big", O_CREAT, bytes, BIG, 0);
	put("/tmp/not_me", O_CREAT, "x", 1, 0);
	put("/dev/shm/not_me", O_CREAT, "x", 1, 0);
	if (access("changed", F_OK) == 0) {
		put("changed", O_APPEND, "more\n", 5, 0);
		need(mkdir("new", 0755) == 0, "new");
		need(rename("moved", "new/moved") == 0, "rename");
	}
	if (argc > 1 && strcmp(argv[1], "abort") == 0)
		abort();
	return EXIT;
}

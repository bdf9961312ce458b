// SPDX-License-Identifier: BSD-3-Clause
/*
 * A hundred directories inside each other: made, walked down and up, told
 * by getcwd(), reached by one long path and removed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define DEPTH 100

static void down(void)
{
	for (int i = 0; i < DEPTH; i++)
		need(mkdir("directory", 0700) == 0 && chdir("directory") == 0);
	put_text("leaf", "at the bottom");
	ok(has_text("leaf", "at the bottom"), "down a hundred levels");
}

static void told(const char *start)
{
	char cwd[PATH_MAX];
	char *at;
	int levels = 0;

	need(getcwd(cwd, sizeof(cwd)));
	at = cwd + (strcmp(start, "/") == 0 ? 0 : strlen(start));
	while (!strncmp(at, "/directory", 10)) {
		at += 10;
		levels++;
	}
	ok(levels == DEPTH && *at == 0, "getcwd tells them all");
}

static void by_path(void)
{
	char path[PATH_MAX] = "";

	for (int i = 0; i < DEPTH; i++)
		strcat(path, "directory/");
	strcat(path, "leaf");
	ok(has_text(path, "at the bottom"), "one path goes all the way");
	path[0] = 0;
	for (int i = 0; i < DEPTH; i++)
		strcat(path, "directory/../");
	strcat(path, "top");
	put_text("top", "here");
	ok(has_text(path, "here"), "or down and up a hundred times");
}

static void removal(void)
{
	int removed = 1;

	for (int i = 0; i < DEPTH; i++)
		need(chdir("directory") == 0);
	need(unlink("leaf") == 0);
	for (int i = 0; i < DEPTH; i++)
		removed &= chdir("..") == 0 && rmdir("directory") == 0;
	ok(removed && has_text("top", "here"), "removed from the bottom up");
	ok(!exists("directory"), "nothing is left");
}

int main(void)
{
	char start[PATH_MAX];

	need(getcwd(start, sizeof(start)));
	down();
	told(start);
	for (int i = 0; i < DEPTH; i++)
		need(chdir("..") == 0);
	ok(exists("directory"), "and up again");
	by_path();
	removal();
	return done();
}

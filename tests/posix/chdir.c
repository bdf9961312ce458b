// SPDX-License-Identifier: BSD-3-Clause
/*
 * chdir() and fchdir() change where relative paths start, and getcwd() tells
 * it as a path that leads back.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static int same_place(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* getcwd() is (start) with (below) added to it. */
static int is_below(const char *start, const char *below)
{
	char want[2 * PATH_MAX], cwd[PATH_MAX];

	snprintf(want, sizeof(want), "%s%s",
		 below[0] && strcmp(start, "/") == 0 ? "" : start, below);
	return getcwd(cwd, sizeof(cwd)) && strcmp(cwd, want) == 0;
}

static void moves(const char *start)
{
	int back = open(".", O_RDONLY | O_DIRECTORY);

	need(back >= 0 && mkdir("a", 0700) == 0 && mkdir("a/b", 0700) == 0);
	put_text("a/b/file", "deep");
	ok(start[0] == '/', "getcwd is absolute");
	ok(same_place(start, "."), "and leads here");
	ok(chdir("a") == 0 && is_below(start, "/a"), "chdir down");
	ok(has_text("b/file", "deep"), "relative paths start there");
	ok(chdir("./b//") == 0 && is_below(start, "/a/b"),
	   "getcwd has no dots and no double slashes");
	ok(chdir("..") == 0 && is_below(start, "/a"), "chdir up");
	ok(chdir("../a/b/..") == 0 && is_below(start, "/a"), "up and down");
	ok(fchdir(back) == 0 && is_below(start, ""), "fchdir back");
	need(symlink("a/b", "sym") == 0);
	ok(chdir("sym") == 0 && is_below(start, "/a/b"),
	   "getcwd tells the place, not the link to it");
	ok(chdir(start) == 0 && is_below(start, ""), "an absolute path");
	need(chdir("a/b") == 0 && rename("../../a", "../../c") == 0);
	ok(is_below(start, "/c/b"), "getcwd knows of a rename above");
	ok(fchdir(back) == 0 && has_text("c/b/file", "deep"), "and back");
	close(back);
}

static void get(const char *start)
{
	char small[PATH_MAX + 1];
	char *made = getcwd(NULL, 0);

	ok(made && strcmp(made, start) == 0, "getcwd makes a buffer");
	free(made);
	memset(small, '#', sizeof(small));
	fails_null(getcwd(small, strlen(start)), ERANGE,
		   "getcwd needs room for the zero");
	ok(small[strlen(start)] == '#', "it stays within its buffer");
	ok(getcwd(small, strlen(start) + 1) == small, "and needs no more");
	fails_null(getcwd(small, 0), EINVAL, "no room is no buffer");
}

static void errors(const char *start)
{
	int fd = open("c/b/file", O_RDONLY);

	fails(chdir("missing"), ENOENT, "a missing directory");
	fails(chdir("c/b/file"), ENOTDIR, "a file");
	fails(chdir(""), ENOENT, "an empty path");
	fails(fchdir(fd), ENOTDIR, "fchdir to a file");
	fails(fchdir(-1), EBADF, "fchdir to no descriptor");
	ok(is_below(start, ""), "failures move nowhere");
	close(fd);
}

static void removed(const char *start)
{
	char cwd[PATH_MAX];

	need(mkdir("gone", 0700) == 0 && chdir("gone") == 0);
	need(rmdir("../gone") == 0);
	fails_null(getcwd(cwd, sizeof(cwd)), ENOENT,
		   "a removed directory has no path");
	fails(open("file", O_RDWR | O_CREAT, 0600), ENOENT,
	      "and takes no files");
	ok(chdir(start) == 0 && is_below(start, ""), "but can be left");
}

int main(void)
{
	char start[PATH_MAX];

	need(getcwd(start, sizeof(start)));
	moves(start);
	get(start);
	errors(start);
	removed(start);
	return done();
}

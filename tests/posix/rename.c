// SPDX-License-Identifier: BSD-3-Clause
/*
 * rename() moves files, directories and links to a new name, in the same
 * directory or another, keeps open descriptors, and knows what is impossible.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void files(void)
{
	struct stat before, after;
	int fd;

	put_text("a", "text");
	need(stat("a", &before) == 0);
	fd = open("a", O_RDWR);
	ok(rename("a", "b") == 0, "a file");
	ok(!exists("a") && has_text("b", "text"), "has the new name only");
	ok(stat("b", &after) == 0 && after.st_ino == before.st_ino,
	   "and is the same file");
	ok(pwrite(fd, "T", 1, 0) == 1 && has_text("b", "Text"),
	   "an open descriptor goes with it");
	close(fd);
	need(mkdir("dir", 0700) == 0);
	ok(rename("b", "dir/c") == 0 && has_text("dir/c", "Text"),
	   "into a directory");
	ok(rename("dir/c", "./dir/../d") == 0 && has_text("d", "Text"),
	   "and out of it");
	ok(rename("d", "d") == 0 && has_text("d", "Text"), "to its own name");
}

static void directories(void)
{
	need(mkdir("tree", 0700) == 0 && mkdir("tree/sub", 0700) == 0);
	put_text("tree/sub/leaf", "leaf");
	ok(rename("tree", "wood") == 0 && has_text("wood/sub/leaf", "leaf"),
	   "a directory takes its entries along");
	ok(rename("wood/sub", "dir/sub") == 0 &&
		   has_text("dir/sub/leaf", "leaf") && !exists("wood/sub"),
	   "also to another directory");
	ok(rename("wood/", "forest/") == 0 && exists("forest"),
	   "slashes after a directory");
	need(chdir("dir/sub") == 0);
	ok(has_text("../../d", "Text"), "dot-dot of a moved directory");
	need(chdir("../..") == 0);
}

static void links(void)
{
	struct stat st;

	need(symlink("d", "sym") == 0);
	ok(rename("sym", "sym2") == 0 && !exists("sym"), "a symbolic link");
	ok(lstat("sym2", &st) == 0 && S_ISLNK(st.st_mode), "itself moves");
	ok(has_text("d", "Text"), "and not its target");
	need(link("d", "d2") == 0);
	ok(rename("d", "d2") == 0 && exists("d") && exists("d2"),
	   "two names of one file both stay");
}

static void errors(void)
{
	fails(rename("missing", "x"), ENOENT, "a missing file");
	fails(rename("d", "missing/x"), ENOENT, "to a missing directory");
	fails(rename("", "x"), ENOENT, "an empty old path");
	fails(rename("d", ""), ENOENT, "an empty new path");
	fails(rename("d/x", "x"), ENOTDIR, "an entry of a file");
	fails(rename("d", "d2/x"), ENOTDIR, "to an entry of a file");
	fails(rename("d", "new/"), ENOTDIR, "a file to a name with a slash");
	ok(has_text("d", "Text"), "a failure changes nothing");
}

int main(void)
{
	files();
	directories();
	links();
	errors();
	return done();
}

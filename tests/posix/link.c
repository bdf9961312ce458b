// SPDX-License-Identifier: BSD-3-Clause
/*
 * link() gives a file another name of equal right: the same data, mode and
 * inode, counted in st_nlink.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static struct stat status(const char *path)
{
	struct stat st;

	need(lstat(path, &st) == 0);
	return st;
}

static void names(void)
{
	need(mkdir("dir", 0700) == 0);
	put_text("a", "one");
	ok(link("a", "b") == 0 && has_text("b", "one"), "a second name");
	ok(status("a").st_ino == status("b").st_ino, "of the same file");
	ok(status("a").st_nlink == 2 && status("b").st_nlink == 2, "two links");
	put_text("b", "two");
	ok(has_text("a", "two"), "data is shared");
	ok(chmod("a", 0604) == 0 && (status("b").st_mode & 0777) == 0604,
	   "so is the mode");
	ok(link("b", "dir/c") == 0 && status("a").st_nlink == 3,
	   "a third in a directory");
	need(unlink("a") == 0);
	ok(status("b").st_nlink == 2 && has_text("dir/c", "two"),
	   "the first name may go first");
	need(unlink("b") == 0);
	ok(status("dir/c").st_nlink == 1, "one is left");
}

static void symbolic(void)
{
	need(symlink("dir/c", "sym") == 0);
	ok(link("sym", "hard") == 0 && S_ISLNK(status("hard").st_mode),
	   "link does not follow a symbolic link");
	ok(linkat(AT_FDCWD, "sym", AT_FDCWD, "file", AT_SYMLINK_FOLLOW) == 0 &&
		   S_ISREG(status("file").st_mode),
	   "linkat does with AT_SYMLINK_FOLLOW");
	ok(status("file").st_nlink == 2, "the target has a link more");
}

static void errors(void)
{
	fails(link("missing", "x"), ENOENT, "a missing file");
	fails(link("file", "hard"), EEXIST, "an existing name");
	fails(link("file", "file"), EEXIST, "its own name");
	fails(link("file", "dir"), EEXIST, "a directory's name");
	fails(link("dir", "x"), EPERM, "a directory has one name");
	fails(link("file", "missing/x"), ENOENT, "a missing directory");
	fails(link("file", "file/x"), ENOTDIR, "an entry of a file");
	fails(link("", "x"), ENOENT, "an empty path");
	fails(link("file", ""), ENOENT, "an empty new path");
	fails(linkat(AT_FDCWD, "file", AT_FDCWD, "x", 0x40000000), EINVAL,
	      "an unknown flag");
	ok(!exists("x") && status("file").st_nlink == 2,
	   "failures make nothing");
}

int main(void)
{
	names();
	symbolic();
	errors();
	return done();
}

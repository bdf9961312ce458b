// SPDX-License-Identifier: BSD-3-Clause
/*
 * The *at() calls look a relative path up from an open directory, wherever
 * that directory has moved, and refuse descriptors that are none.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void lookups(int dir)
{
	int fd = openat(dir, "file", O_RDWR | O_CREAT | O_EXCL, 0600);

	ok(fd >= 0, "openat makes a file in the directory");
	ok(write(fd, "abc", 3) == 3 && has_text("dir/file", "abc"),
	   "which the path finds too");
	close(fd);
	fd = openat(AT_FDCWD, "dir/file", O_RDONLY);
	ok(fd >= 0, "AT_FDCWD is the working directory");
	fails(openat(fd, "x", O_RDONLY), ENOTDIR, "a file is no directory");
	close(fd);
	fails(openat(dir, "dir/file", O_RDONLY), ENOENT,
	      "the working directory does not matter");
	fails(openat(-1, "file", O_RDONLY), EBADF, "-1 is no directory");
	fd = openat(-1, "/dev/null", O_RDONLY);
	ok(fd >= 0, "an absolute path needs none");
	close(fd);
	fd = openat(dir, "../dir/./file", O_RDONLY);
	ok(fd >= 0, "dots are followed");
	close(fd);
}

static void status(int dir)
{
	struct stat st;

	ok(fstatat(dir, "file", &st, 0) == 0 && st.st_size == 3,
	   "fstatat finds the size");
	ok(fstatat(dir, "", &st, AT_EMPTY_PATH) == 0 && S_ISDIR(st.st_mode),
	   "AT_EMPTY_PATH means the descriptor itself");
	fails(fstatat(dir, "", &st, 0), ENOENT, "an empty path is refused");
	fails(fstatat(dir, "file", &st, 0x40000000), EINVAL,
	      "an unknown flag is refused");
	ok(symlinkat("file", dir, "sym") == 0, "symlinkat");
	ok(fstatat(dir, "sym", &st, 0) == 0 && S_ISREG(st.st_mode),
	   "fstatat follows a link");
	ok(fstatat(dir, "sym", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		   S_ISLNK(st.st_mode),
	   "but not with AT_SYMLINK_NOFOLLOW");
}

static void changes(int dir)
{
	ok(mkdirat(dir, "sub", 0700) == 0 && exists("dir/sub"), "mkdirat");
	fails(mkdirat(dir, "sub", 0700), EEXIST, "mkdirat again");
	fails(unlinkat(dir, "sub", 0), EISDIR, "unlinkat of a directory");
	fails(unlinkat(dir, "file", AT_REMOVEDIR), ENOTDIR,
	      "AT_REMOVEDIR of a file");
	ok(renameat(dir, "file", AT_FDCWD, "moved") == 0 &&
		   has_text("moved", "abc") && !exists("dir/file"),
	   "renameat moves between directories");
	ok(linkat(AT_FDCWD, "moved", dir, "linked", 0) == 0 &&
		   has_text("dir/linked", "abc"),
	   "linkat");
	ok(unlinkat(dir, "sub", AT_REMOVEDIR) == 0 && !exists("dir/sub"),
	   "unlinkat with AT_REMOVEDIR");
	ok(unlinkat(dir, "sym", 0) == 0 && !exists("dir/sym"), "unlinkat");
	fails(unlinkat(dir, "sym", 0), ENOENT, "unlinkat again");
	fails(unlinkat(dir, "linked", 0x40000000), EINVAL,
	      "unlinkat with an unknown flag");
}

static void moved_and_removed(int dir)
{
	need(rename("dir", "elsewhere") == 0);
	ok(faccessat(dir, "linked", F_OK, 0) == 0,
	   "a renamed directory is still open");
	need(unlink("elsewhere/linked") == 0 && rmdir("elsewhere") == 0);
	fails(openat(dir, "new", O_RDWR | O_CREAT, 0600), ENOENT,
	      "a removed directory takes no files");
	fails(mkdirat(dir, "new", 0700), ENOENT, "nor directories");
}

int main(void)
{
	int dir;

	need(mkdir("dir", 0700) == 0);
	dir = open("dir", O_RDONLY | O_DIRECTORY);
	need(dir >= 0);
	lookups(dir);
	status(dir);
	changes(dir);
	moved_and_removed(dir);
	close(dir);
	return done();
}

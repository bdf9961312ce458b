// SPDX-License-Identifier: BSD-3-Clause
/*
 * faccessat() is access() from an open directory; AT_EACCESS asks for the
 * effective user, which is the same one here.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

int main(void)
{
	int dir, fd;

	need(mkdir("dir", 0700) == 0);
	put_text("dir/file", "");
	dir = open("dir", O_RDONLY | O_DIRECTORY);
	fd = open("dir/file", O_RDONLY);
	need(dir >= 0 && fd >= 0);
	ok(faccessat(dir, "file", F_OK, 0) == 0, "a file of the directory");
	ok(faccessat(dir, "file", R_OK | W_OK, 0) == 0, "read and write");
	fails(faccessat(dir, "file", X_OK, 0), EACCES, "it has no x bit");
	ok(faccessat(dir, "file", R_OK, AT_EACCESS) == 0, "AT_EACCESS");
	fails(faccessat(dir, "file", X_OK, AT_EACCESS), EACCES,
	      "AT_EACCESS knows no x bit either");
	ok(faccessat(dir, ".", R_OK | W_OK | X_OK, 0) == 0, "dot");
	fails(faccessat(dir, "dir", F_OK, 0), ENOENT,
	      "a file of the working directory");
	ok(faccessat(AT_FDCWD, "dir/file", F_OK, 0) == 0, "AT_FDCWD");
	ok(faccessat(-1, "/dev/null", W_OK, 0) == 0,
	   "an absolute path needs no directory");
	fails(faccessat(-1, "file", F_OK, 0), EBADF, "a relative one does");
	fails(faccessat(fd, "x", F_OK, 0), ENOTDIR, "and not a file");
	fails(faccessat(dir, "", F_OK, 0), ENOENT, "an empty path");
	fails(faccessat(dir, "file", 8, 0), EINVAL, "an unknown mode");
	fails(faccessat(dir, "file", F_OK, 0x40000000), EINVAL,
	      "an unknown flag");
	close(fd);
	close(dir);
	return done();
}

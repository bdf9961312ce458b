// SPDX-License-Identifier: BSD-3-Clause
/*
 * access() finds what exists and who may do what with it, following links;
 * to its maker a file with all bits set is accessible in every way.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void allowed(void)
{
	put_text("file", "");
	need(chmod("file", 0700) == 0 && mkdir("dir", 0700) == 0);
	ok(access("file", F_OK) == 0, "a file exists");
	ok(access("file", R_OK) == 0, "is readable");
	ok(access("file", W_OK) == 0, "is writable");
	ok(access("file", X_OK) == 0, "is executable");
	ok(access("file", R_OK | W_OK | X_OK) == 0, "all at once");
	ok(access("dir", R_OK | W_OK | X_OK) == 0, "so is a directory");
	ok(access("dir/", F_OK) == 0, "also with a slash");
	ok(access("dir/../file", F_OK) == 0, "dot-dot is followed");
}

static void never_executable(void)
{
	need(chmod("file", 0600) == 0);
	fails(access("file", X_OK), EACCES,
	      "a file without any x is executable to nobody, root included");
	ok(access("file", R_OK | W_OK) == 0, "but still readable, writable");
	need(chmod("file", 0000) == 0);
	ok(access("file", F_OK) == 0, "without any bit it exists");
}

static void links(void)
{
	need(chmod("file", 0600) == 0);
	need(symlink("file", "sym") == 0 && symlink("nowhere", "gone") == 0);
	ok(access("sym", R_OK) == 0, "a link is followed");
	fails(access("gone", F_OK), ENOENT, "a dangling one does not exist");
}

static void errors(void)
{
	fails(access("missing", F_OK), ENOENT, "a missing file");
	fails(access("", F_OK), ENOENT, "an empty path");
	fails(access("file/x", F_OK), ENOTDIR, "an entry of a file");
	fails(access("file", 8), EINVAL, "an unknown mode");
	ok(access("/dev/null", R_OK | W_OK) == 0, "/dev/null is for all");
}

int main(void)
{
	allowed();
	never_executable();
	links();
	errors();
	return done();
}

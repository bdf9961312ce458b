// SPDX-License-Identifier: BSD-3-Clause
/*
 * rename() over an existing name replaces it in one step when the types
 * agree, and refuses non-empty directories, type mixes and loops.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void over_a_file(void)
{
	struct stat st;
	int old;

	put_text("new", "new text");
	put_text("old", "old text");
	old = open("old", O_RDONLY);
	ok(rename("new", "old") == 0, "a file over a file");
	ok(has_text("old", "new text") && !exists("new"), "replaces it");
	ok(fd_has_text(old, "old text"), "who has the old one open keeps it");
	ok(fstat(old, &st) == 0 && st.st_nlink == 0, "without a link");
	close(old);
	need(symlink("old", "sym") == 0);
	put_text("third", "third");
	ok(rename("third", "sym") == 0 && has_text("sym", "third"),
	   "a file over a symbolic link");
	ok(has_text("old", "new text"), "leaves the link's target");
}

static void over_a_directory(void)
{
	need(mkdir("from", 0700) == 0 && mkdir("to", 0700) == 0);
	put_text("from/leaf", "leaf");
	ok(rename("from", "to") == 0, "a directory over an empty one");
	ok(has_text("to/leaf", "leaf") && !exists("from"), "replaces it");
	need(mkdir("from", 0700) == 0);
	errno = 0;
	ok(rename("from", "to") == -1 &&
		   (errno == ENOTEMPTY || errno == EEXIST),
	   "a directory over a full one");
	ok(exists("from") && has_text("to/leaf", "leaf"), "both stay");
}

/* A directory that is open, but has no name any more, gets no new entries. */
static void into_a_removed_one(void)
{
	int gone;

	need(mkdir("gone", 0700) == 0);
	gone = open("gone", O_RDONLY | O_DIRECTORY);
	put_text("leaf", "leaf");
	need(gone >= 0 && rmdir("gone") == 0);
	fails(renameat(AT_FDCWD, "leaf", gone, "leaf"), ENOENT,
	      "a file into a removed directory");
	fails(linkat(AT_FDCWD, "leaf", gone, "leaf", 0), ENOENT,
	      "a link into it");
	fails(symlinkat("leaf", gone, "leaf"), ENOENT, "a symbolic link");
	fails(mkdirat(gone, "sub", 0700), ENOENT, "a directory");
	fails(openat(gone, "leaf", O_CREAT | O_WRONLY, 0600), ENOENT,
	      "a new file");
	need(mkdir("dir", 0700) == 0);
	fails(renameat(AT_FDCWD, "dir", gone, "dir"), ENOENT,
	      "a directory from elsewhere");
	ok(has_text("leaf", "leaf") && exists("dir"),
	   "all stay where they are");
	need(unlink("leaf") == 0 && rmdir("dir") == 0 && close(gone) == 0);
}

static void mixed_types(void)
{
	fails(rename("old", "from"), EISDIR, "a file over a directory");
	fails(rename("from", "old"), ENOTDIR, "a directory over a file");
	ok(has_text("old", "new text") && exists("from"), "both stay");
}

static void loops(void)
{
	need(mkdir("from/sub", 0700) == 0);
	fails(rename("from", "from/x"), EINVAL, "a directory into itself");
	fails(rename("from", "from/sub/x"), EINVAL, "or deeper");
	ok(rename("from", "from") == 0, "a directory over itself");
	errno = 0;
	ok(rename("from/sub", "from") == -1 &&
		   (errno == ENOTEMPTY || errno == EEXIST),
	   "a directory over the one it is in");
	errno = 0;
	ok(rename("from/.", "x") == -1 && (errno == EBUSY || errno == EINVAL),
	   "dot cannot be moved");
	errno = 0;
	ok(rename("from/sub/..", "x") == -1 &&
		   (errno == EBUSY || errno == EINVAL),
	   "nor dot-dot");
	ok(exists("from/sub") && !exists("x"), "nothing has moved");
}

int main(void)
{
	over_a_file();
	over_a_directory();
	into_a_removed_one();
	mixed_types();
	loops();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * unlink() removes a name; the file lives on until its last descriptor and
 * last link are gone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void open_file(void)
{
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	int other;

	need(fd >= 0 && write(fd, "before", 6) == 6);
	ok(unlink("file") == 0, "unlink an open file");
	ok(!exists("file"), "the name is gone");
	fails(open("file", O_RDONLY), ENOENT, "and opens no more");
	ok(fd_has_text(fd, "before"), "the data is there");
	ok(fstat(fd, &st) == 0 && st.st_nlink == 0, "with no link");
	ok(write(fd, " after", 6) == 6 && fd_has_text(fd, "before after"),
	   "it can grow");
	ok(ftruncate(fd, 3) == 0 && fd_has_text(fd, "bef"), "and shrink");
	other = dup(fd);
	close(fd);
	ok(fd_has_text(other, "bef"), "a duplicate keeps it too");
	put_text("file", "another");
	ok(fd_has_text(other, "bef") && has_text("file", "another"),
	   "a new file of that name is another");
	close(other);
}

static void links(void)
{
	need(link("file", "second") == 0);
	ok(unlink("file") == 0 && has_text("second", "another"),
	   "another link keeps the file");
	need(symlink("second", "sym") == 0);
	ok(unlink("sym") == 0 && !exists("sym"), "unlink a symbolic link");
	ok(has_text("second", "another"), "leaves its target");
	ok(remove("second") == 0 && !exists("second"), "remove a file");
}

static void errors(void)
{
	need(mkdir("dir", 0700) == 0);
	put_text("file", "");
	fails(unlink("missing"), ENOENT, "a missing file");
	fails(unlink(""), ENOENT, "an empty path");
	fails(unlink("dir"), EISDIR, "a directory");
	fails(unlink("dir/"), EISDIR, "with a slash too");
	fails(unlink("file/"), ENOTDIR, "a file with a slash");
	fails(unlink("file/x"), ENOTDIR, "an entry of a file");
	fails(unlink("."), EISDIR, "dot");
	ok(remove("dir") == 0 && !exists("dir"), "remove a directory");
	fails(remove("dir"), ENOENT, "remove it again");
}

int main(void)
{
	open_file();
	links();
	errors();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files without a name: O_TMPFILE, and linkat(), which gives one a name.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static int unnamed(int flags)
{
	int fd = open(".", O_TMPFILE | flags, 0640);

	need(fd >= 0);
	return fd;
}

/* linkat() by what /proc says is open there. */
static int name_it(int fd, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

static unsigned links_of(int fd)
{
	struct stat st;

	need(fstat(fd, &st) == 0);
	return (unsigned)st.st_nlink;
}

static void use(void)
{
	int fd = unnamed(O_RDWR);
	struct stat st;

	ok(fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		   (st.st_mode & 0777) == 0640,
	   "a regular file");
	ok(st.st_nlink == 0, "without a name");
	ok(write(fd, "text", 4) == 4 && fd_has_text(fd, "text"),
	   "it is written and read");
	ok(ftruncate(fd, 2) == 0 && fd_has_text(fd, "te"), "and cut");
	ok((fcntl(fd, F_GETFL) & O_TMPFILE) == O_TMPFILE, "its flags say so");
	ok(close(fd) == 0, "and it is gone");
}

static void get_name(void)
{
	int fd = unnamed(O_RDWR), other;

	need(write(fd, "named", 5) == 5);
	ok(name_it(fd, "name") == 0, "it gets a name");
	ok(has_text("name", "named") && links_of(fd) == 1, "and has one");
	ok(name_it(fd, "second") == 0 && links_of(fd) == 2, "and another one");
	fails(name_it(fd, "name"), EEXIST, "not one that there is");
	need(unlink("name") == 0 && unlink("second") == 0);
	fails(name_it(fd, "name"), ENOENT, "once it has lost them, no more");
	close(fd);
	fd = unnamed(O_WRONLY);
	need(write(fd, "more", 4) == 4);
	ok(linkat(fd, "", AT_FDCWD, "empty", AT_EMPTY_PATH) == 0 &&
		   has_text("empty", "more"),
	   "by an empty path");
	ok(write(fd, "!", 1) == 1 && has_text("empty", "more!"),
	   "it is the same file");
	close(fd);
	ok(has_text("empty", "more!"), "and stays");
	need(mkdir("dir", 0755) == 0);
	other = open("dir", O_RDONLY | O_DIRECTORY);
	fd = openat(other, ".", O_TMPFILE | O_RDWR, 0600);
	ok(fd >= 0 && linkat(fd, "", other, "x", AT_EMPTY_PATH) == 0 &&
		   exists("dir/x"),
	   "in a directory that is open");
	close(fd);
	close(other);
}

static void stay_unnamed(void)
{
	int fd = unnamed(O_RDWR | O_EXCL);

	fails(name_it(fd, "never"), ENOENT, "O_EXCL: never a name");
	fails(linkat(fd, "", AT_FDCWD, "never", AT_EMPTY_PATH), ENOENT,
	      "by an empty path");
	close(fd);
	put_text("gone", "x");
	fd = open("gone", O_RDWR);
	need(fd >= 0 && unlink("gone") == 0);
	fails(name_it(fd, "never"), ENOENT, "what was removed gets none");
	ok(!exists("never"), "nothing is there");
	close(fd);
}

static void errors(void)
{
	put_text("file", "x");
	fails(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL, "only to read");
	fails(open("none", O_TMPFILE | O_RDWR, 0600), ENOENT, "no directory");
	fails(open("file", O_TMPFILE | O_RDWR, 0600), ENOTDIR, "a file");
	fails(open("/proc", O_TMPFILE | O_RDWR, 0600), EOPNOTSUPP, "in /proc");
}

int main(void)
{
	umask(0);
	use();
	get_name();
	stay_unnamed();
	errors();
	return done();
}

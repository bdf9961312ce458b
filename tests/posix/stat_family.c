// SPDX-License-Identifier: BSD-3-Clause
/*
 * stat(), lstat() and fstat() tell type, mode, size, links, owner and
 * identity of a file, the same by path and by descriptor.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static int same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static void regular(void)
{
	struct stat by_path, by_fd, other;
	int fd = open("file", O_RDWR | O_CREAT, 0640);

	need(fd >= 0 && write(fd, "12345", 5) == 5);
	put_text("other", "");
	ok(stat("file", &by_path) == 0, "stat");
	ok(fstat(fd, &by_fd) == 0, "fstat");
	ok(S_ISREG(by_path.st_mode), "a regular file");
	ok((by_path.st_mode & 07777) == 0640, "its mode");
	ok(by_path.st_size == 5, "its size");
	ok(by_path.st_nlink == 1, "one link");
	ok(by_path.st_uid == geteuid(), "it belongs to its maker");
	ok(by_path.st_blksize > 0, "a block size");
	ok(same_file(&by_path, &by_fd), "path and descriptor agree");
	ok(by_fd.st_mode == by_path.st_mode && by_fd.st_size == 5,
	   "on mode and size");
	ok(stat("other", &other) == 0 && !same_file(&by_path, &other),
	   "another file is another");
	ok(stat("./file", &other) == 0 && same_file(&by_path, &other),
	   "another path to it is not");
	close(fd);
}

static void directory(void)
{
	struct stat st, dot;
	int fd;

	need(mkdir("dir", 0750) == 0);
	ok(stat("dir", &st) == 0 && S_ISDIR(st.st_mode), "a directory");
	ok((st.st_mode & 0777) == 0750, "its mode");
	ok(stat("dir/.", &dot) == 0 && same_file(&st, &dot),
	   "its dot is the same");
	fd = open("dir", O_RDONLY);
	ok(fstat(fd, &dot) == 0 && same_file(&st, &dot), "so is its fstat");
	close(fd);
	need(stat(".", &st) == 0);
	ok(stat("dir/..", &dot) == 0 && same_file(&st, &dot),
	   "its dot-dot is the directory above");
}

static void link_and_device(void)
{
	struct stat st;

	need(symlink("file", "sym") == 0);
	ok(stat("sym", &st) == 0 && S_ISREG(st.st_mode), "stat follows a link");
	ok(lstat("sym", &st) == 0 && S_ISLNK(st.st_mode), "lstat does not");
	ok(st.st_size == 4, "a link's size is its text's");
	ok(lstat("file", &st) == 0 && S_ISREG(st.st_mode), "lstat of a file");
	ok(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode),
	   "/dev/null is a character device");
	ok(major(st.st_rdev) == 1 && minor(st.st_rdev) == 3, "number 1:3");
}

static void errors(void)
{
	struct stat st;
	int fd = open("file", O_RDONLY);

	close(fd);
	fails(stat("missing", &st), ENOENT, "a missing file");
	fails(lstat("missing", &st), ENOENT, "to lstat too");
	fails(stat("", &st), ENOENT, "an empty path");
	fails(stat("file/x", &st), ENOTDIR, "an entry of a file");
	fails(stat("file/", &st), ENOTDIR, "a file with a slash");
	fails(fstat(-1, &st), EBADF, "no descriptor");
	fails(fstat(fd, &st), EBADF, "a closed descriptor");
}

int main(void)
{
	umask(0);
	regular();
	directory();
	link_and_device();
	errors();
	return done();
}

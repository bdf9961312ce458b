// SPDX-License-Identifier: BSD-3-Clause
/*
 * Errors of file calls that no other program here is about; and errno is
 * left alone by calls that succeed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void success(void)
{
	struct stat st;
	int fd;

	errno = EXDEV;
	fd = open("file", O_RDWR | O_CREAT, 0600);
	ok(fd >= 0 && errno == EXDEV, "open leaves errno");
	ok(write(fd, "x", 1) == 1 && errno == EXDEV, "write leaves it");
	ok(fstat(fd, &st) == 0 && errno == EXDEV, "fstat leaves it");
	ok(close(fd) == 0 && errno == EXDEV, "close leaves it");
}

static void closed(int fd)
{
	char c = 0;

	fails(read(fd, &c, 1), EBADF, "read");
	fails(write(fd, &c, 1), EBADF, "write");
	fails(lseek(fd, 0, SEEK_CUR), EBADF, "lseek");
	fails(dup(fd), EBADF, "dup");
	fails(ftruncate(fd, 0), EBADF, "ftruncate");
	fails(fchmod(fd, 0600), EBADF, "fchmod");
	fails(ioctl(fd, FIONREAD, &c), EBADF, "ioctl");
	fails(close(fd), EBADF, "close");
}

static void strings(void)
{
	ok(!strcmp(strerror(ENOENT), "No such file or directory"), "ENOENT");
	ok(!strcmp(strerror(EISDIR), "Is a directory"), "EISDIR");
	ok(!strcmp(strerror(EINVAL), "Invalid argument"), "EINVAL");
}

static void numbers(void)
{
	ok(ENOENT == 2 && EBADF == 9 && EEXIST == 17 && EINVAL == 22 &&
		   ENOSPC == 28 && ENOSYS == 38 && ELOOP == 40,
	   "numbers are Linux's");
}

static void unsupported(void)
{
	int fd = open("file", O_RDWR);
	struct winsize size;
	int number = 0;

	fails(ioctl(fd, TIOCGWINSZ, &size), ENOTTY,
	      "a file has no window size");
	ok(ioctl(fd, FIONREAD, &number) == 0 && number == 1,
	   "FIONREAD tells what is left to read");
	need(lseek(fd, 1, SEEK_SET) == 1);
	ok(ioctl(fd, FIONREAD, &number) == 0 && number == 0, "nothing now");
	fails(mknod("node", S_IFDIR | 0700, 0), EPERM,
	      "mknod makes no directories");
	ok(mknod("plain", S_IFREG | 0600, 0) == 0 && has_text("plain", ""),
	   "but regular files");
	close(fd);
}

int main(void)
{
	int fd;

	success();
	fd = open("file", O_RDONLY);
	need(fd >= 0 && close(fd) == 0);
	closed(fd);
	closed(-1);
	strings();
	numbers();
	unsupported();
	return done();
}

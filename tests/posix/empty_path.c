// SPDX-License-Identifier: BSD-3-Clause
/*
 * AT_EMPTY_PATH means the descriptor's own file, whatever opened it: also
 * O_PATH, also a symbolic link; and AT_FDCWD's is the working directory.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { FACCESSAT2 = 439 };

static const struct timespec times[2] = {{.tv_sec = 1000000000},
					 {.tv_sec = 1234567890}};

static struct stat status(int fd)
{
	struct stat st;

	need(fstatat(fd, "", &st, AT_EMPTY_PATH) == 0);
	return st;
}

static void all(int fd, const char *name)
{
	struct stat st;

	printf("# %s\n", name);
	ok(utimensat(fd, "", times, AT_EMPTY_PATH) == 0, "utimensat");
	st = status(fd);
	ok(st.st_atime == 1000000000 && st.st_mtime == 1234567890, "is done");
	ok(utimensat(fd, "", NULL, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 &&
		   status(fd).st_mtime > 1234567890,
	   "no times: now");
	fails(utimensat(fd, "", times, 0), ENOENT, "it has to be asked for");
	ok(fchownat(fd, "", getuid(), getgid(), AT_EMPTY_PATH) == 0 &&
		   status(fd).st_uid == getuid(),
	   "fchownat");
	ok(syscall(FACCESSAT2, fd, "", F_OK, AT_EMPTY_PATH) == 0, "faccessat2");
}

static void nothing_to_read(int fd)
{
	char text[10];

	fails(readlinkat(fd, "", text, sizeof(text)), ENOENT,
	      "readlinkat: it is no link");
}

/* A further name by linkat(), which only root may have so. */
static void name_it(int fd)
{
	struct stat st;

	if (geteuid() != 0)
		return;
	ok(linkat(fd, "", AT_FDCWD, "name", AT_EMPTY_PATH) == 0 &&
		   lstat("name", &st) == 0 && st.st_ino == status(fd).st_ino,
	   "linkat");
	need(unlink("name") == 0);
	fails(linkat(fd, "", AT_FDCWD, "name", 0), ENOENT,
	      "it has to be asked for");
}

static void only_a_path(int fd)
{
	fails(futimens(fd, times), EBADF, "futimens is not for O_PATH");
	fails(syscall(SYS_fchown, fd, -1, -1), EBADF, "nor is fchown");
	fails(syscall(SYS_fchmod, fd, 0600), EBADF, "nor fchmod");
}

static int opened(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	need(fd >= 0);
	return fd;
}

static void links(void)
{
	int fd = opened("link", O_PATH | O_NOFOLLOW);
	char text[10] = "";

	all(fd, "a symbolic link by O_PATH");
	only_a_path(fd);
	ok(S_ISLNK(status(fd).st_mode), "it is the link's status");
	ok(readlinkat(fd, "", text, sizeof(text)) == 4 &&
		   strcmp(text, "file") == 0,
	   "readlinkat reads it");
	ok(readlinkat(fd, "", text, 2) == 2, "or its beginning");
	fails(syscall(SYS_readlinkat, fd, "", text, 0), EINVAL,
	      "but not nothing");
	name_it(fd);
	fails(openat(fd, "file", O_RDONLY), ENOTDIR, "it is no directory");
	close(fd);
}

int main(void)
{
	static const char *const paths[] = {"file", "fifo"};
	int fd;

	put_text("file", "data");
	need(mkfifo("fifo", 0600) == 0 && mkdir("dir", 0700) == 0 &&
	     symlink("file", "link") == 0);
	for (int i = 0; i < 2; i++) {
		fd = opened(paths[i], O_PATH);
		all(fd, paths[i]);
		nothing_to_read(fd);
		only_a_path(fd);
		name_it(fd);
		close(fd);
	}
	fd = opened("file", O_RDONLY);
	all(fd, "a file to be read");
	nothing_to_read(fd);
	name_it(fd);
	close(fd);
	fd = opened("dir", O_PATH);
	all(fd, "a directory");
	nothing_to_read(fd);
	if (geteuid() == 0)
		fails(linkat(fd, "", AT_FDCWD, "name", AT_EMPTY_PATH), EPERM,
		      "linkat of a directory");
	close(fd);
	all(AT_FDCWD, "the working directory");
	nothing_to_read(AT_FDCWD);
	links();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * chmod(), fchmod() and fchmodat() set the permission bits, and what is open
 * stays open; chown() to oneself succeeds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static mode_t mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : (mode_t)-1;
}

static void modes(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	ok(chmod("file", 0644) == 0 && mode_of("file") == 0644, "chmod");
	ok(chmod("file", 0) == 0 && mode_of("file") == 0, "to nothing");
	ok(write(fd, "x", 1) == 1, "an open file stays writable");
	ok(fchmod(fd, 0751) == 0 && mode_of("file") == 0751, "fchmod");
	ok(fchmodat(AT_FDCWD, "file", 0600, 0) == 0 && mode_of("file") == 0600,
	   "fchmodat");
	ok(chmod("file", 04711) == 0 && mode_of("file") == 04711,
	   "the set-user-ID bit");
	ok(chmod("file", S_IFDIR | 0600) == 0 && mode_of("file") == 0600,
	   "the type is not its to change");
	close(fd);
}

static void directories(void)
{
	need(mkdir("dir", 0700) == 0);
	ok(chmod("dir", 0755) == 0 && (mode_of("dir") & 0777) == 0755,
	   "a directory");
	ok(chmod("dir", 01777) == 0 && (mode_of("dir") & 01777) == 01777,
	   "the sticky bit");
	need(symlink("file", "sym") == 0);
	ok(chmod("sym", 0640) == 0 && mode_of("file") == 0640,
	   "a link is followed");
}

static void owners(void)
{
	struct stat st;
	int fd = open("file", O_RDWR);

	ok(chown("file", geteuid(), getegid()) == 0, "chown to oneself");
	ok(stat("file", &st) == 0 && st.st_uid == geteuid() &&
		   st.st_gid == getegid(),
	   "owner and group are told");
	ok(fchown(fd, -1, -1) == 0, "fchown that changes nothing");
	ok(lchown("sym", -1, -1) == 0, "lchown of a link");
	ok(fchownat(AT_FDCWD, "sym", -1, -1, AT_SYMLINK_NOFOLLOW) == 0,
	   "fchownat");
	close(fd);
}

static void errors(void)
{
	fails(chmod("missing", 0600), ENOENT, "a missing file");
	fails(chmod("", 0600), ENOENT, "an empty path");
	fails(chmod("file/x", 0600), ENOTDIR, "an entry of a file");
	fails(fchmod(-1, 0600), EBADF, "no descriptor");
	fails(fchmodat(-1, "file", 0600, 0), EBADF, "no directory");
	fails(chown("missing", -1, -1), ENOENT, "chown of a missing file");
	fails(fchown(-1, -1, -1), EBADF, "fchown of no descriptor");
}

int main(void)
{
	umask(0);
	modes();
	directories();
	owners();
	errors();
	return done();
}

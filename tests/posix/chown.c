// SPDX-License-Identifier: BSD-3-Clause
/*
 * chown() to whom it belongs already: what it does to the set-user-ID and
 * set-group-ID bits (chown(2)), and to whom it refuses.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

static unsigned mode_of(const char *path)
{
	struct stat st;

	need(lstat(path, &st) == 0);
	return st.st_mode & 07777;
}

static int is_mine(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid == geteuid() &&
	       st.st_gid == getegid();
}

static void bits(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0600);

	need(fd >= 0);
	ok(is_mine("file"), "a new file is its maker's");
	need(chmod("file", 06755) == 0 && mode_of("file") == 06755);
	ok(chown("file", getuid(), getgid()) == 0 && mode_of("file") == 0755,
	   "both bits go");
	need(chmod("file", 04755) == 0);
	ok(fchown(fd, (uid_t)-1, getgid()) == 0 && mode_of("file") == 0755,
	   "by the group alone, and a descriptor");
	need(chmod("file", 06755) == 0);
	ok(chown("file", (uid_t)-1, (gid_t)-1) == 0 && is_mine("file") &&
		   mode_of("file") == 0755,
	   "and by nothing at all");
	need(chmod("file", 02644) == 0);
	ok(chown("file", getuid(), getgid()) == 0 && mode_of("file") == 02644,
	   "a group that does not execute keeps its bit");
	need(mkdir("dir", 0700) == 0 && chmod("dir", 06755) == 0);
	ok(chown("dir", getuid(), getgid()) == 0 && mode_of("dir") == 06755,
	   "a directory keeps both");
	ok(is_mine("dir"), "and is its maker's");
	close(fd);
}

static void links(void)
{
	need(symlink("none", "link") == 0);
	ok(is_mine("link"), "a link is its maker's");
	fails(chown("link", getuid(), getgid()), ENOENT, "what it leads to");
	ok(lchown("link", getuid(), getgid()) == 0, "the link itself");
	ok(fchownat(AT_FDCWD, "link", getuid(), getgid(),
		    AT_SYMLINK_NOFOLLOW) == 0,
	   "by a flag");
	fails(fchownat(AT_FDCWD, "link", 0, 0, 1 << 20), EINVAL, "no flag");
	fails(chown("file/x", 0, 0), ENOTDIR, "below a file");
	fails(syscall(SYS_fchown, open("file", O_PATH), getuid(), getgid()),
	      EBADF, "a path is not opened");
	ok(fchownat(open("file", O_PATH), "", getuid(), getgid(),
		    AT_EMPTY_PATH) == 0,
	   "but by an empty path it is");
}

int main(void)
{
	bits();
	links();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Nothing changes what is mounted read-only: EROFS, after the errors that come
 * first. Devices can be written; who writes keeps it from being read-only.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mounting.h"
#include "tap.h"

static void opening(void)
{
	int fd;

	fails(open("m/f", O_RDWR), EROFS, "open for writing");
	fails(open("m/f", O_WRONLY), EROFS, "only");
	fails(open("m/f", O_RDONLY | O_TRUNC), EROFS, "open that truncates");
	fails(open("m/new", O_CREAT | O_RDWR, 0644), EROFS, "one that makes");
	fails(open("m/new", O_CREAT | O_RDONLY, 0644), EROFS, "for reading");
	fails(open("m/f", O_CREAT | O_EXCL, 0644), EEXIST, "it exists");
	fails(open("m", O_RDWR), EISDIR, "a directory");
	fails(open("m", O_TMPFILE | O_RDWR, 0644), EROFS, "without a name");
	fd = open("m/f", O_CREAT | O_RDONLY, 0644);
	ok(fd >= 0, "O_CREAT of what is there");
	fails(fchmod(fd, 0600), EROFS, "fchmod");
	fails(fchown(fd, 1, 1), EROFS, "fchown");
	fails(futimens(fd, NULL), EROFS, "futimens");
	close(fd);
	fd = open("m/null", O_WRONLY);
	ok(fd >= 0 && write(fd, "x", 1) == 1, "a device can be written");
	close(fd);
	fails(truncate("m/f", 0), EROFS, "truncate");
	ok(has_text("m/f", "text"), "it is as it was");
}

static void opening_again(void)
{
	int fd = open("m/f", O_RDONLY), again;
	char path[64];

	need(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fails(open(path, O_WRONLY), EROFS, "opened again for writing");
	fails(open(path, O_RDONLY | O_TRUNC), EROFS, "to be cut");
	again = open(path, O_RDONLY);
	ok(again >= 0 && has_text("m/f", "text"), "but to be read");
	close(again), close(fd);
}

static void naming(void)
{
	fails(mkdir("m/new", 0755), EROFS, "mkdir");
	fails(mkdir("m/d", 0755), EEXIST, "of what is there");
	fails(rmdir("m/d"), EROFS, "rmdir");
	fails(unlink("m/f"), EROFS, "unlink");
	fails(unlink("m/none"), EROFS, "of what is not there");
	fails(rename("m/f", "m/g"), EROFS, "rename");
	fails(link("m/f", "m/g"), EROFS, "link");
	fails(symlink("f", "m/l"), EROFS, "symlink");
	fails(symlink("f", "m/f"), EEXIST, "over what is there");
	fails(mknod("m/x", S_IFREG | 0644, 0), EROFS, "mknod");
	fails(mkfifo("m/x", 0644), EROFS, "mkfifo");
}

static void changing(void)
{
	struct statvfs vfs;

	fails(chmod("m/f", 0600), EROFS, "chmod");
	fails(chown("m/f", 1, 1), EROFS, "chown");
	fails(utimensat(AT_FDCWD, "m/f", NULL, 0), EROFS, "utimensat");
	ok(access("m/f", R_OK) == 0, "it may be read");
	fails(access("m/f", W_OK), EROFS, "and not be written");
	fails(access("m", W_OK), EROFS, "nor the directory");
	ok(access("m/null", W_OK) == 0, "but the device");
	ok(statvfs("m", &vfs) == 0 && (vfs.f_flag & ST_RDONLY), "statvfs");
}

static void remounting(void)
{
	int fd = open("m/f", O_WRONLY);

	need(fd >= 0);
	fails(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), EBUSY,
	      "somebody writes");
	need(close(fd) == 0);
	fd = open("m/f", O_RDONLY);
	ok(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0,
	   "who reads does not matter");
	need(close(fd) == 0);
}

int main(void)
{
	begin_mounting();
	umask(0);
	need(mkdir("m", 0755) == 0);
	ok(mount("none", "m", "tmpfs", 0, NULL) == 0, "mounted");
	put_text("m/f", "text");
	need(mkdir("m/d", 0755) == 0);
	need(mknod("m/null", S_IFCHR | 0666, makedev(1, 3)) == 0);
	remounting();
	opening();
	opening_again();
	naming();
	changing();
	ok(mount(NULL, "m", NULL, MS_REMOUNT, NULL) == 0, "writable again");
	ok(unlink("m/f") == 0, "unlink");
	ok(umount("m") == 0, "umount");
	ok(mount("none", "m", "tmpfs", MS_RDONLY, NULL) == 0, "from the start");
	fails(mkdir("m/new", 0755), EROFS, "mkdir");
	ok(umount("m") == 0, "umount");
	return done();
}

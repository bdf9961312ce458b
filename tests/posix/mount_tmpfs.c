// SPDX-License-Identifier: BSD-3-Clause
/*
 * mount() covers a directory by a file system of its own, and umount() brings
 * back what was there; `..` leads out of it, names do not.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounting.h"
#include "tap.h"

static dev_t dev_of(const char *path)
{
	struct stat st;

	need(stat(path, &st) == 0);
	return st.st_dev;
}

static ino_t ino_of(const char *path)
{
	struct stat st;

	need(stat(path, &st) == 0);
	return st.st_ino;
}

static void covering(void)
{
	need(mkdir("m", 0755) == 0);
	put_text("m/below", "below");
	ok(mount("none", "m", "tmpfs", 0, NULL) == 0, "tmpfs is mounted");
	ok(dev_of("m") != dev_of("."), "as another device");
	ok(!exists("m/below"), "and hides what was there");
	put_text("m/f", "above");
	ok(has_text("m/f", "above"), "it has files");
	need(mkdir("m/d", 0755) == 0);
	ok(dev_of("m/d") == dev_of("m"), "and directories, of its device");
	ok(ino_of("m/..") == ino_of("."), "dot-dot leads out");
	ok(ino_of("m/d/../..") == ino_of("."), "from further below, too");
	ok(ino_of("m/d/../../m/d") == ino_of("m/d"), "and in again");
	need(symlink("m/f", "link") == 0);
	ok(has_text("link", "above"), "links lead in");
	need(symlink("../link", "m/out") == 0);
	ok(has_text("m/out", "above"), "and out");
}

static void names(void)
{
	fails(rename("m/f", "f"), EXDEV, "no rename leads out");
	fails(link("m/f", "f"), EXDEV, "and no link");
	fails(rename("link", "m/link"), EXDEV, "or in");
	fails(rmdir("m"), EBUSY, "the place cannot be removed");
	fails(rename("m", "n"), EBUSY, "or be moved");
	need(mkdir("other", 0755) == 0);
	fails(rename("other", "m"), EBUSY, "or be replaced");
	fails(mkdir("m", 0755), EEXIST, "it exists");
	need(rmdir("other") == 0);
	fails(rmdir("m/../m/d/.."), ENOTEMPTY, "dot-dot is refused first");
}

static void ending(void)
{
	char cwd[4096];
	int fd = open("m/f", O_RDONLY);

	need(fd >= 0);
	fails(umount("m"), EBUSY, "an open file keeps it");
	need(close(fd) == 0);
	need(chdir("m/d") == 0);
	need(getcwd(cwd, sizeof(cwd)) != NULL);
	ok(strcmp(cwd + strlen(cwd) - 4, "/m/d") == 0, "its path");
	fails(umount("../../m"), EBUSY, "a working directory keeps it");
	need(chdir("../..") == 0);
	ok(mount("none", "m/d", "ramfs", 0, NULL) == 0, "ramfs, in it");
	fails(umount("m"), EBUSY, "a mount keeps it");
	ok(umount("m/d") == 0, "which ends");
	ok(umount("m") == 0, "and so it does");
	fails(umount("m"), EINVAL, "once");
	ok(has_text("m/below", "below"), "what was there is there");
}

int main(void)
{
	begin_mounting();
	covering();
	names();
	ending();
	return done();
}

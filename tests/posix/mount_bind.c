// SPDX-License-Identifier: BSD-3-Clause
/*
 * A directory at a second place: its own files, but another mount.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounting.h"
#include "tap.h"

static struct stat about(const char *path)
{
	struct stat st;

	need(stat(path, &st) == 0);
	return st;
}

static void binding(void)
{
	ok(mount("a/in", "b", NULL, MS_BIND, NULL) == 0, "bound");
	ok(has_text("b/f", "text"), "its files");
	ok(about("b").st_dev == about("a").st_dev, "the same device");
	ok(about("b").st_ino == about("a/in").st_ino, "the same directory");
	ok(about("b/..").st_ino == about(".").st_ino, "dot-dot is its own");
	ok(about("a/in/..").st_ino == about("a").st_ino, "as is the other's");
	fails(rename("b/f", "a/f"), EXDEV, "no rename leads out");
	fails(link("b/f", "a/in/g"), EXDEV, "and no link, to the same even");
	put_text("b/new", "new");
	ok(has_text("a/in/new", "new"), "what is made is at both");
	ok(unlink("a/in/new") == 0 && !exists("b/new"), "or at none");
}

static void read_only(void)
{
	ok(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0,
	   "one alone is read-only");
	fails(unlink("b/f"), EROFS, "here");
	put_text("a/in/g", "g");
	ok(has_text("b/g", "g"), "and not there");
	ok(umount("b") == 0, "umount");
	ok(!exists("b/f"), "it is empty again");
	ok(has_text("a/in/f", "text"), "and the other is not");
}

int main(void)
{
	begin_mounting();
	need(mkdir("top", 0755) == 0);
	need(mount("none", "top", "tmpfs", 0, NULL) == 0);
	need(chdir("top") == 0);
	need(mkdir("a", 0755) == 0 && mkdir("a/in", 0755) == 0);
	need(mkdir("b", 0755) == 0);
	put_text("a/in/f", "text");
	binding();
	read_only();
	return done();
}

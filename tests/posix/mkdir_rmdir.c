// SPDX-License-Identifier: BSD-3-Clause
/*
 * mkdir() makes an empty directory and rmdir() removes one, only when it is
 * empty; both answer the right error otherwise.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void making(void)
{
	struct stat st;

	ok(mkdir("dir", 0700) == 0, "mkdir");
	ok(stat("dir", &st) == 0 && S_ISDIR(st.st_mode), "makes a directory");
	fails(mkdir("dir", 0700), EEXIST, "which exists then");
	put_text("file", "");
	fails(mkdir("file", 0700), EEXIST, "a file is in the way");
	need(symlink("nowhere", "dangling") == 0);
	fails(mkdir("dangling", 0700), EEXIST, "so is a dangling link");
	fails(mkdir("missing/sub", 0700), ENOENT, "no directory above");
	fails(mkdir("file/sub", 0700), ENOTDIR, "a file above");
	fails(mkdir("", 0700), ENOENT, "an empty path");
	fails(mkdir(".", 0700), EEXIST, "dot exists");
	fails(mkdir("dir/..", 0700), EEXIST, "dot-dot exists");
	ok(mkdir("slash/", 0700) == 0 && exists("slash"), "a slash behind");
	ok(mkdir("dir/sub", 0700) == 0 && exists("dir/sub"), "a second level");
}

static void groups(void)
{
	struct stat st;

	need(mkdir("group", 0700) == 0 && chmod("group", 02700) == 0);
	need(mkdir("group/dir", 0700) == 0);
	put_text("group/file", "");
	ok(stat("group/dir", &st) == 0 && (st.st_mode & 07777) == 02700,
	   "the set-group-ID bit goes down");
	ok(stat("group/file", &st) == 0 && (st.st_mode & 02000) == 0,
	   "but to directories only");
	unlink("group/file");
	rmdir("group/dir");
	rmdir("group");
}

static void links(void)
{
	struct stat st;

	need(mkdir("counted", 0700) == 0);
	put_text("counted/file", "");
	ok(stat("counted/file", &st) == 0 && st.st_nlink == 1,
	   "a file in it has one link");
	need(unlink("counted/file") == 0);
	ok(rmdir("counted") == 0, "emptied it goes");
}

static void removing(void)
{
	errno = 0;
	ok(rmdir("dir") == -1 && (errno == ENOTEMPTY || errno == EEXIST),
	   "a full directory stays");
	fails(rmdir("dir/sub/."), EINVAL, "dot is refused");
	errno = 0;
	ok(rmdir("dir/sub/..") == -1 && (errno == ENOTEMPTY || errno == EINVAL),
	   "dot-dot is refused");
	ok(rmdir("dir/sub") == 0 && !exists("dir/sub"), "an empty one goes");
	ok(rmdir("dir/") == 0 && !exists("dir"), "a slash behind");
	fails(rmdir("dir"), ENOENT, "it is gone");
	fails(rmdir("file"), ENOTDIR, "a file is none");
	need(symlink("slash", "sym") == 0);
	fails(rmdir("sym"), ENOTDIR, "nor is a link to a directory");
	fails(rmdir(""), ENOENT, "an empty path");
}

static void open_directory(void)
{
	struct stat st;
	int fd = open("slash", O_RDONLY | O_DIRECTORY);

	need(fd >= 0);
	ok(rmdir("slash") == 0, "an open directory can go");
	ok(fstat(fd, &st) == 0 && S_ISDIR(st.st_mode), "and stays open");
	close(fd);
}

int main(void)
{
	making();
	groups();
	links();
	removing();
	open_directory();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * A symbolic link is a path that lookups follow, relative to where the link
 * is; readlink() tells it, loops and dangling ones are errors.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

/* The link (path) holds (text). */
static int leads_to(const char *path, const char *text)
{
	char buf[PATH_MAX];
	ssize_t size = readlink(path, buf, sizeof(buf));

	return size == (ssize_t)strlen(text) && !memcmp(buf, text, size);
}

static void following(void)
{
	need(mkdir("dir", 0700) == 0);
	put_text("file", "top");
	put_text("dir/file", "deep");
	ok(symlink("file", "sym") == 0 && has_text("sym", "top"), "to a file");
	ok(symlink("file", "dir/sym") == 0 && has_text("dir/sym", "deep"),
	   "relative to the link's directory");
	ok(symlink("../file", "dir/up") == 0 && has_text("dir/up", "top"),
	   "through dot-dot");
	ok(symlink("dir", "dirsym") == 0 && has_text("dirsym/file", "deep"),
	   "to a directory");
	ok(has_text("dirsym/../file", "top"), "dot-dot of it is its target's");
	ok(symlink("sym", "sym2") == 0 && has_text("sym2", "top"), "to a link");
	ok(symlink("/dev/null", "abs") == 0 && has_text("abs", ""),
	   "an absolute one");
	put_text("sym2", "written");
	ok(has_text("file", "written"), "writing goes through");
}

static void reading(void)
{
	char buf[8] = "########";
	int dir = open("dir", O_RDONLY | O_DIRECTORY);

	ok(leads_to("sym", "file") && leads_to("dir/up", "../file"),
	   "readlink tells the text as it is");
	ok(readlink("dir/up", buf, 3) == 3 && !memcmp(buf, "../#####", 8),
	   "cut to the buffer, without a zero");
	ok(readlinkat(dir, "up", buf, 8) == 7 && !memcmp(buf, "../file#", 8),
	   "readlinkat");
	fails(readlink("file", buf, 8), EINVAL, "a file is no link");
	fails(readlink("dir", buf, 8), EINVAL, "nor is a directory");
	fails(readlink("missing", buf, 8), ENOENT, "a missing link");
	fails(readlinkat(-1, "up", buf, 8), EBADF, "no descriptor");
	close(dir);
}

static void dangling(void)
{
	ok(symlink("nowhere", "gone") == 0, "a link may dangle");
	fails(open("gone", O_RDONLY), ENOENT, "it does not open");
	ok(exists("gone") && leads_to("gone", "nowhere"), "but exists");
	fails(symlink("x", "gone"), EEXIST, "it is in the way");
	fails(symlink("x", "file"), EEXIST, "as any file");
	fails(symlink("", "empty"), ENOENT, "no link to nothing");
	fails(symlink("x", ""), ENOENT, "none without a name");
	fails(symlink("x", "missing/y"), ENOENT, "nor without a directory");
}

static void loops(void)
{
	char name[16], next[16];

	need(symlink("self", "self") == 0);
	need(symlink("b", "a") == 0 && symlink("a", "b") == 0);
	fails(open("self", O_RDONLY), ELOOP, "a link to itself");
	fails(open("a", O_RDONLY), ELOOP, "two to each other");
	fails(chdir("a/x"), ELOOP, "also on the way");
	ok(exists("self") && leads_to("self", "self"), "lstat, readlink work");
	put_text("c40", "end");
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		snprintf(next, sizeof(next), "c%d", i + 1);
		need(symlink(next, name) == 0);
	}
	ok(has_text("c20", "end"), "a chain of twenty is followed");
	ok(has_text("c0", "end"), "and one of forty");
	need(symlink("c0", "c") == 0);
	fails(open("c", O_RDONLY), ELOOP, "but not one of forty-one");
}

static void not_following(void)
{
	struct stat st;
	int fd;

	fails(open("sym", O_RDONLY | O_NOFOLLOW), ELOOP, "O_NOFOLLOW");
	fd = open("dirsym/file", O_RDONLY | O_NOFOLLOW);
	ok(fd >= 0, "regards the last name only");
	close(fd);
	fails(open("dirsym", O_RDONLY | O_NOFOLLOW | O_DIRECTORY), ENOTDIR,
	      "with O_DIRECTORY a link is none");
	fd = open("sym", O_PATH | O_NOFOLLOW);
	ok(fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode),
	   "O_PATH opens the link itself");
	close(fd);
	ok(lstat("dirsym/", &st) == 0 && S_ISDIR(st.st_mode),
	   "a slash behind follows the last one too");
}

int main(void)
{
	following();
	reading();
	dangling();
	loops();
	not_following();
	return done();
}

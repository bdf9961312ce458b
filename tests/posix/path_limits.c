// SPDX-License-Identifier: BSD-3-Clause
/*
 * Paths: the longest name and path, one byte more, slashes in plenty, dots,
 * empty paths and files used as directories.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void names(void)
{
	char name[NAME_MAX + 2];
	struct stat st;

	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = 0;
	fails(open(name, O_RDWR | O_CREAT, 0600), ENAMETOOLONG,
	      "a name of 256 bytes");
	fails(stat(name, &st), ENAMETOOLONG, "to stat too");
	fails(mkdir(name, 0700), ENAMETOOLONG, "to mkdir too");
	fails(symlink("x", name), ENAMETOOLONG, "to symlink too");
	fails(unlink(name), ENAMETOOLONG, "to unlink too");
	fails(rmdir(name), ENAMETOOLONG, "to rmdir too");
	fails(mkfifo(name, 0600), ENAMETOOLONG, "to mkfifo too");
	fails(link("file", name), ENAMETOOLONG, "to link too");
	fails(link("missing", name), ENOENT, "after what is to be linked");
	fails(rename("file", name), ENAMETOOLONG, "to rename too");
	fails(rename(name, "file"), ENAMETOOLONG, "from there as well");
	fails(rename("missing", name), ENOENT, "after what is to be renamed");
	fails(rename(name, "missing/name"), ENOENT, "and where to");
	fails(rename(name, "."), EBUSY, "and dots");
	name[NAME_MAX] = 0;
	put_text(name, "long");
	ok(has_text(name, "long"), "one of 255 bytes is fine");
	ok(unlink(name) == 0 && !exists(name), "and goes");
}

static void paths(void)
{
	char path[PATH_MAX + 1];
	struct stat st;

	for (int i = 0; i < PATH_MAX; i += 2)
		memcpy(path + i, "./", 2);
	path[PATH_MAX] = 0;
	fails(stat(path, &st), ENAMETOOLONG, "a path of 4096 bytes");
	fails(chdir(path), ENAMETOOLONG, "to chdir too");
	path[PATH_MAX - 1] = 0;
	ok(stat(path, &st) == 0 && S_ISDIR(st.st_mode),
	   "one of 4095 bytes is fine");
	memset(path, 'x', PATH_MAX);
	fails(symlink(path, "sym"), ENAMETOOLONG, "a link's text of 4096");
}

static void slashes(void)
{
	struct stat st;
	int fd;

	ok(has_text(".//dir///file", "deep"), "slashes count once");
	ok(has_text("./dir/./../dir/file", "deep"), "dots are followed");
	ok(stat("dir//", &st) == 0, "slashes after a directory");
	fails(open("file/", O_RDONLY), ENOTDIR, "after a file");
	fails(open("file/.", O_RDONLY), ENOTDIR, "a dot after a file");
	fails(open("file/..", O_RDONLY), ENOTDIR, "dot-dot after a file");
	fails(open("new/", O_RDWR | O_CREAT, 0600), EISDIR,
	      "a new file with a slash");
	ok(symlink("./round/", "round") == 0, "a link with a slash");
	fails(open("round", O_RDWR | O_CREAT, 0600), EISDIR,
	      "or by a link with one, which is not followed for it");
	fails(open("round", O_RDWR), ELOOP, "as it is without O_CREAT");
	fails(open("missing/../file", O_RDONLY), ENOENT,
	      "dot-dot does not cancel what is missing");
	fd = open("/../../dev/null", O_RDONLY);
	ok(fd >= 0, "dot-dot of the root is the root");
	close(fd);
	fd = open("//dev///null", O_RDONLY);
	ok(fd >= 0, "slashes at the root count once");
	close(fd);
}

static void odd_names(void)
{
	put_text("...", "dots");
	ok(has_text("...", "dots"), "three dots are a name");
	put_text(" a\tb\nc ", "blank");
	ok(has_text(" a\tb\nc ", "blank"), "blanks are part of a name");
	put_text("\xff\xfe", "bytes");
	ok(has_text("\xff\xfe", "bytes"), "names are bytes");
	put_text("Case", "upper");
	ok(!exists("case"), "letter case counts");
	ok(has_text("-", "") == 0 && !exists("~"), "no name is special");
}

int main(void)
{
	need(mkdir("dir", 0700) == 0);
	put_text("file", "top");
	put_text("dir/file", "deep");
	names();
	paths();
	slashes();
	odd_names();
	return done();
}

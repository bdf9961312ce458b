// SPDX-License-Identifier: BSD-3-Clause
/*
 * open() honours its flags: access modes, creation, exclusion, truncation,
 * directories; and answers the right error where it must refuse.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void creation(void)
{
	int fd;

	fails(open("new", O_RDWR), ENOENT, "a missing file is not made");
	fd = open("new", O_RDWR | O_CREAT, 0600);
	ok(fd >= 0, "O_CREAT makes it");
	ok(size_of("new") == 0, "it is empty");
	close(fd);
	fails(open("new", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST,
	      "O_EXCL refuses an existing file");
	fd = open("new2", O_RDWR | O_CREAT | O_EXCL, 0600);
	ok(fd >= 0, "O_EXCL makes a new file");
	close(fd);
	need(symlink("nowhere", "dangling") == 0);
	fails(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST,
	      "O_EXCL refuses a dangling symbolic link");
	ok(!exists("nowhere"), "and does not make its target");
	fd = open("dangling", O_RDWR | O_CREAT, 0600);
	ok(fd >= 0 && exists("nowhere"),
	   "O_CREAT makes the target of a dangling link");
	close(fd);
	fails(open("missing/new", O_RDWR | O_CREAT, 0600), ENOENT,
	      "O_CREAT makes no directories");
}

static void access_modes(void)
{
	char c = 'x';
	int fd;

	put_text("file", "hello");
	fd = open("file", O_RDONLY);
	ok(read(fd, &c, 1) == 1 && c == 'h', "O_RDONLY reads");
	fails(write(fd, &c, 1), EBADF, "O_RDONLY does not write");
	close(fd);
	fd = open("file", O_WRONLY);
	ok(write(fd, "H", 1) == 1, "O_WRONLY writes");
	fails(read(fd, &c, 1), EBADF, "O_WRONLY does not read");
	close(fd);
	ok(has_text("file", "Hello"), "a write replaces just its bytes");
	fd = open("locked", O_RDWR | O_CREAT, 0000);
	ok(write(fd, "a", 1) == 1, "a new file of mode 0 is open for writing");
	close(fd);
}

static void truncation(void)
{
	int fd;

	put_text("long", "something");
	fd = open("long", O_RDWR | O_CREAT, 0600);
	ok(fd_has_text(fd, "something"), "O_CREAT leaves a file's data");
	close(fd);
	fd = open("long", O_RDWR | O_TRUNC);
	ok(fd_has_text(fd, ""), "O_TRUNC empties it");
	close(fd);
}

static void directories(void)
{
	char c;
	int fd;

	need(mkdir("dir", 0700) == 0);
	fails(open("dir", O_WRONLY), EISDIR, "no directory opens to write");
	fails(open("dir", O_RDWR), EISDIR, "nor to read and write");
	fails(open("dir", O_RDONLY | O_CREAT, 0600), EISDIR,
	      "nor with O_CREAT");
	fd = open("dir", O_RDONLY | O_DIRECTORY);
	ok(fd >= 0, "O_DIRECTORY opens a directory");
	fails(read(fd, &c, 1), EISDIR, "which read() refuses");
	close(fd);
	fails(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR,
	      "O_DIRECTORY refuses a file");
	fails(open("file/x", O_RDONLY), ENOTDIR, "a file has no entries");
}

static void path_only(void)
{
	struct stat st;
	char c;
	int fd = open("file", O_PATH);

	ok(fd >= 0, "O_PATH opens a file");
	ok(fstat(fd, &st) == 0 && st.st_size == 5, "its size is known");
	fails(read(fd, &c, 1), EBADF, "but not its data");
	ok(close(fd) == 0, "it closes");
}

int main(void)
{
	creation();
	access_modes();
	truncation();
	directories();
	path_only();
	return done();
}

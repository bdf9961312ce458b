// SPDX-License-Identifier: BSD-3-Clause
/*
 * fsync() and fdatasync() succeed on files and directories and refuse what
 * is no open file.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	int read_only, dir;

	need(fd >= 0 && write(fd, "data", 4) == 4);
	ok(fsync(fd) == 0, "fsync after a write");
	ok(fsync(fd) == 0, "fsync with nothing to do");
	need(write(fd, "more", 4) == 4);
	ok(fdatasync(fd) == 0, "fdatasync after a write");
	ok(has_text("file", "datamore"), "the data is there");
	ok(lseek(fd, 0, SEEK_CUR) == 8, "the file offset is the same");
	read_only = open("file", O_RDONLY);
	ok(fsync(read_only) == 0, "fsync of a read-only descriptor");
	ok(fdatasync(read_only) == 0, "fdatasync of it");
	dir = open(".", O_RDONLY | O_DIRECTORY);
	ok(fsync(dir) == 0, "fsync of a directory");
	close(dir);
	close(read_only);
	close(fd);
	fails(fsync(-1), EBADF, "fsync of no descriptor");
	fails(fdatasync(-1), EBADF, "fdatasync of no descriptor");
	fails(fsync(fd), EBADF, "fsync of a closed descriptor");
	fd = open("/dev/null", O_WRONLY);
	fails(fsync(fd), EINVAL, "fsync of /dev/null");
	close(fd);
	return done();
}

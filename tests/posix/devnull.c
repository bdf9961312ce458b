// SPDX-License-Identifier: BSD-3-Clause
/*
 * /dev/null takes everything and gives nothing.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

int main(void)
{
	static char block[65536];
	struct stat st;
	char c = 'c';
	int fd = open("/dev/null", O_RDWR);

	ok(fd >= 0, "it opens");
	ok(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode), "a character device");
	ok(write(fd, block, sizeof(block)) == sizeof(block), "takes 64 KiB");
	ok(write(fd, "", 0) == 0, "takes nothing");
	ok(read(fd, &c, 1) == 0 && c == 'c', "gives nothing");
	ok(fstat(fd, &st) == 0 && st.st_size == 0, "stays empty");
	ok(lseek(fd, 0, SEEK_END) == 0, "its end is its start");
	fails(ftruncate(fd, 0), EINVAL, "cannot be truncated");
	close(fd);
	fd = open("/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	ok(fd >= 0, "opens as a file is made");
	ok(write(fd, "x", 1) == 1, "and takes");
	fails(read(fd, &c, 1), EBADF, "but only as it was opened");
	close(fd);
	fails(open("/dev/null", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST,
	      "it exists");
	fails(open("/dev/null", O_RDONLY | O_DIRECTORY), ENOTDIR,
	      "it is no directory");
	fails(open("/dev/null/x", O_RDONLY), ENOTDIR, "it has no entries");
	fails(open("/dev/no-such-device", O_RDONLY), ENOENT,
	      "an unknown device");
	ok(has_text("/dev/null", ""), "still empty");
	ok(read(STDIN_FILENO, &c, 1) == 0, "standard input is at its end");
	return done();
}

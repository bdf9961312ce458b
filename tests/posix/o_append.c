// SPDX-License-Identifier: BSD-3-Clause
/*
 * With O_APPEND each write goes to the end of the file, wherever the offset
 * is and whoever made the file longer; on Linux pwrite() does so too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

int main(void)
{
	struct iovec part = {.iov_base = "v", .iov_len = 1};
	int fd = open("file", O_RDWR | O_CREAT | O_APPEND, 0600);
	int other = open("file", O_WRONLY | O_APPEND);
	char c = 0;

	need(fd >= 0 && other >= 0);
	ok(write(fd, "ab", 2) == 2 && has_text("file", "ab"), "a first write");
	ok(write(other, "cd", 2) == 2 && has_text("file", "abcd"),
	   "another descriptor goes on");
	ok(lseek(fd, 0, SEEK_CUR) == 2, "the first one's offset is its own");
	ok(write(fd, "e", 1) == 1 && has_text("file", "abcde"),
	   "but its writes append");
	ok(lseek(fd, 0, SEEK_CUR) == 5, "and take the offset to the end");
	ok(lseek(fd, 1, SEEK_SET) == 1 && read(fd, &c, 1) == 1 && c == 'b',
	   "reading is where one seeks");
	ok(write(fd, "f", 1) == 1 && has_text("file", "abcdef"),
	   "writing is not");
	ok(read(fd, &c, 1) == 0, "after it the offset is the end");
	ok(writev(fd, &part, 1) == 1 && has_text("file", "abcdefv"),
	   "writev appends");
	ok(pwrite(fd, "P", 1, 0) == 1 && has_text("file", "abcdefvP"),
	   "pwrite appends too (Linux's way)");
	ok(ftruncate(fd, 2) == 0 && write(fd, "z", 1) == 1 &&
		   has_text("file", "abz"),
	   "after a cut it is the new end");
	ok(fcntl(fd, F_SETFL, 0) == 0 && pwrite(fd, "A", 1, 0) == 1 &&
		   has_text("file", "Abz"),
	   "without the flag it is the offset again");
	close(fd);
	close(other);
	return done();
}

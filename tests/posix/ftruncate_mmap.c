// SPDX-License-Identifier: BSD-3-Clause
/*
 * A shared mapping follows its file's size: what ftruncate() adds is there,
 * what it cut off and added again is zero.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define PAGE 4096

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	char buf[4];
	char *map;

	need(fd >= 0 && write(fd, "start", 5) == 5);
	map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ok(map != MAP_FAILED, "a mapping longer than its file");
	need(map != MAP_FAILED);
	ok(!memcmp(map, "start", 5), "shows the file");
	ok(ftruncate(fd, 4 * PAGE) == 0, "grow the file");
	ok(all_bytes(map + 5, 0, 4 * PAGE - 5), "the mapping grows along");
	memset(map + PAGE, 'm', 3 * PAGE);
	ok(pread(fd, buf, 4, 4 * PAGE - 4) == 4 && !memcmp(buf, "mmmm", 4),
	   "a store in what is new is in the file");
	ok(ftruncate(fd, PAGE + 10) == 0, "shrink the file");
	ok(all_bytes(map + PAGE, 'm', 10), "data before the end stays");
	ok(all_bytes(map + PAGE + 10, 0, PAGE - 10),
	   "after the end the page is zero");
	ok(ftruncate(fd, 4 * PAGE) == 0 &&
		   all_bytes(map + PAGE + 10, 0, 3 * PAGE - 10),
	   "what was cut off comes back as zeros");
	ok(pwrite(fd, "new", 3, 3 * PAGE) == 3 &&
		   !memcmp(map + 3 * PAGE, "new", 3),
	   "and is the file as before");
	ok(ftruncate(fd, 0) == 0 && ftruncate(fd, PAGE) == 0 &&
		   all_bytes(map, 0, PAGE),
	   "all the way to nothing and back");
	ok(munmap(map, 4 * PAGE) == 0, "munmap");
	close(fd);
	return done();
}

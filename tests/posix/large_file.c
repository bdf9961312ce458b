// SPDX-License-Identifier: BSD-3-Clause
/*
 * Offsets past 4 GiB in a sparse file are not cut to 32 bits, in no call.
 * Skipped where the file system has no files as long.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define FAR (5LL * 1024 * 1024 * 1024 + 4096)

static void offsets(int fd)
{
	char buf[8] = "";
	struct stat st;

	ok(fstat(fd, &st) == 0 && st.st_size == FAR, "a size past 4 GiB");
	ok(pwrite(fd, "far", 3, FAR) == 3, "pwrite");
	ok(pread(fd, buf, 8, FAR) == 3 && !memcmp(buf, "far", 3), "pread");
	ok(pread(fd, buf, 8, FAR - 4) == 7 && !memcmp(buf, "\0\0\0\0far", 7),
	   "over the edge");
	ok(pread(fd, buf, 3, FAR & 0xffffffff) == 3 && all_bytes(buf, 0, 3),
	   "the low 32 bits are another place");
	ok(lseek(fd, 0, SEEK_END) == FAR + 3, "lseek to the end");
	ok(write(fd, "end", 3) == 3 && lseek(fd, 0, SEEK_CUR) == FAR + 6,
	   "write goes on there");
	ok(lseek(fd, -6, SEEK_CUR) == FAR && read(fd, buf, 6) == 6 &&
		   !memcmp(buf, "farend", 6),
	   "and read");
}

static void mapping(int fd)
{
	char *at =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, FAR);

	ok(at != MAP_FAILED && !memcmp(at, "farend", 6), "mmap");
	if (at != MAP_FAILED)
		munmap(at, 4096);
}

static void stream(void)
{
	FILE *file = fopen("file", "r");

	need(file);
	ok(fseeko(file, FAR + 3, SEEK_SET) == 0 && fgetc(file) == 'e' &&
		   ftello(file) == FAR + 4,
	   "fseeko and ftello");
	fclose(file);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	if (ftruncate(fd, FAR) != 0)
		skip_all("no files past 4 GiB here");
	offsets(fd);
	mapping(fd);
	stream();
	ok(truncate("file", 3) == 0 && size_of("file") == 3, "and short again");
	close(fd);
	return done();
}

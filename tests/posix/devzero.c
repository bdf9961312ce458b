// SPDX-License-Identifier: BSD-3-Clause
/*
 * /dev/zero gives zeros without an end, takes everything, and maps as
 * zeroed memory.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static char block[65536];

static void reading(int fd)
{
	char a[8], b[8];
	struct iovec parts[] = {{.iov_base = a, .iov_len = 8},
				{.iov_base = b, .iov_len = 8}};

	memset(block, 1, sizeof(block));
	ok(read(fd, block, sizeof(block)) == sizeof(block), "gives 64 KiB");
	ok(all_bytes(block, 0, sizeof(block)), "of zeros");
	memset(block, 1, sizeof(block));
	ok(read(fd, block, 1) == 1 && block[0] == 0 && block[1] == 1,
	   "gives one byte when asked for one");
	ok(read(fd, block, 0) == 0, "none when asked for none");
	ok(pread(fd, block, 100, 12345) == 100 && all_bytes(block, 0, 100),
	   "at any offset");
	memset(a, 1, 8);
	memset(b, 1, 8);
	ok(readv(fd, parts, 2) == 16 && all_bytes(a, 0, 8) &&
		   all_bytes(b, 0, 8),
	   "in parts");
	ok(write(fd, block, sizeof(block)) == sizeof(block), "takes 64 KiB");
}

static void mapping(int fd)
{
	char *map =
		mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	ok(map != MAP_FAILED, "maps privately");
	need(map != MAP_FAILED);
	ok(all_bytes(map, 0, 65536), "as zeros");
	map[4096] = 'x';
	ok(map[4096] == 'x' && map[4095] == 0, "that can be written");
	ok(munmap(map, 65536) == 0, "and unmapped");
}

int main(void)
{
	struct stat st;
	int fd = open("/dev/zero", O_RDWR);

	ok(fd >= 0, "it opens");
	need(fd >= 0);
	ok(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode), "a character device");
	reading(fd);
	mapping(fd);
	close(fd);
	return done();
}

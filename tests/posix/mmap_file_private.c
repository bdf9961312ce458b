// SPDX-License-Identifier: BSD-3-Clause
/*
 * A private file mapping shows the file and keeps its own writes to itself;
 * what it maps past the end of the file is zero.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define PAGE 4096
#define RW   (PROT_READ | PROT_WRITE)

static char pattern[3 * PAGE];

static void make_file(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (char)(i * 7 + i / PAGE);
	need(fd >= 0 && write(fd, pattern, sizeof(pattern)) == 3 * PAGE);
	close(fd);
}

static void reading(void)
{
	int fd = open("file", O_RDONLY);
	char *all = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	char *last = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);

	ok(all != MAP_FAILED && last != MAP_FAILED, "mmap read-only");
	need(all != MAP_FAILED && last != MAP_FAILED);
	close(fd);
	ok(!memcmp(all, pattern, 3 * PAGE), "all is there, also when closed");
	ok(!memcmp(last, pattern + 2 * PAGE, PAGE), "at an offset too");
	need(unlink("file") == 0);
	ok(!memcmp(all, pattern, 3 * PAGE), "also when unlinked");
	munmap(all, 3 * PAGE);
	munmap(last, PAGE);
	make_file();
}

static void writing(void)
{
	int fd = open("file", O_RDONLY);
	char *a = mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, fd, 0);
	char *b = mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, fd, 0);
	char buf[PAGE];

	ok(a != MAP_FAILED && b != MAP_FAILED,
	   "a read-only descriptor maps writable");
	need(a != MAP_FAILED && b != MAP_FAILED);
	memset(a + PAGE, 'w', PAGE);
	ok(all_bytes(a + PAGE, 'w', PAGE), "writes are seen in the mapping");
	ok(!memcmp(b, pattern, 3 * PAGE), "not in another one");
	ok(pread(fd, buf, PAGE, PAGE) == PAGE &&
		   !memcmp(buf, pattern + PAGE, PAGE),
	   "nor in the file");
	ok(!memcmp(a, pattern, PAGE) &&
		   !memcmp(a + 2 * PAGE, pattern + 2 * PAGE, PAGE),
	   "pages around are unchanged");
	ok(msync(a, 3 * PAGE, MS_SYNC) == 0 &&
		   pread(fd, buf, PAGE, PAGE) == PAGE &&
		   !memcmp(buf, pattern + PAGE, PAGE),
	   "msync does not change that");
	munmap(a, 3 * PAGE);
	munmap(b, 3 * PAGE);
	close(fd);
}

static void past_the_end(void)
{
	char *map;
	int fd;

	put_text("short", "ten bytes.");
	fd = open("short", O_RDWR);
	map = mmap(NULL, 10, RW, MAP_PRIVATE, fd, 0);
	need(map != MAP_FAILED);
	ok(!memcmp(map, "ten bytes.", 10), "a short file");
	ok(all_bytes(map + 10, 0, PAGE - 10), "is zero to the page's end");
	map[10] = 'x';
	ok(map[10] == 'x' && size_of("short") == 10, "which can be written");
	munmap(map, 10);
	close(fd);
}

static void errors(void)
{
	int read_only = open("file", O_RDONLY);
	int write_only = open("file", O_WRONLY);
	int dir = open(".", O_RDONLY);

	fails(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, read_only, 100), EINVAL,
	      "an offset inside of a page");
	fails(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, read_only, 0), EINVAL,
	      "a size of zero");
	fails(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, write_only, 0), EACCES,
	      "a write-only descriptor");
	fails(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV,
	      "a directory");
	fails(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0), EBADF,
	      "no descriptor");
	close(read_only);
	close(write_only);
	close(dir);
}

int main(void)
{
	make_file();
	reading();
	writing();
	past_the_end();
	errors();
	return done();
}

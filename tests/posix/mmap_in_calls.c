// SPDX-License-Identifier: BSD-3-Clause
/*
 * A mapping of a file as the memory of calls, none of which has touched it before:
 * pipes, devices, other files, standard output.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { PAGE = 4096, PAGES = 64, SIZE = PAGES * PAGE };

/* A new file that is full of (byte), and mapped; *ret_fd is it. */
static char *map_new(const char *name, char byte, int prot, int *ret_fd)
{
	static char buf[SIZE];
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *at;

	need(fd >= 0);
	memset(buf, byte, SIZE);
	need(write(fd, buf, SIZE) == SIZE && fsync(fd) == 0);
	at = mmap(NULL, SIZE, prot, MAP_SHARED, fd, 0);
	need(at != MAP_FAILED);
	*ret_fd = fd;
	return at;
}

static int all(const char *at, char byte, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (at[i] != byte)
			return 0;
	}
	return 1;
}

static void pipes(void)
{
	int fd, ends[2];
	char *at = map_new("one", 'p', PROT_READ | PROT_WRITE, &fd);

	need(pipe(ends) == 0);
	ok(write(ends[1], at + PAGE - 8, 16) == 16, "to a pipe");
	ok(read(ends[0], at + 9 * PAGE - 4, 8) == 8, "from a pipe");
	ok(read(ends[0], at + 20 * PAGE, 100) == 8, "what is left");
	ok(all(at, 'p', SIZE), "all is right");
	close(ends[0]);
	close(ends[1]);
	close(fd);
	munmap(at, SIZE);
}

static void devices(void)
{
	int fd, zero = open("/dev/zero", O_RDWR);
	char *at = map_new("two", 'd', PROT_READ | PROT_WRITE, &fd);
	struct iovec parts[2] = {{at + 3 * PAGE + 1, PAGE},
				 {at + 6 * PAGE, 2 * PAGE}};

	need(zero >= 0);
	ok(read(zero, at + PAGE, PAGE) == PAGE, "from a device");
	ok(all(at + PAGE, 0, PAGE) && all(at, 'd', PAGE) &&
		   all(at + 2 * PAGE, 'd', PAGE),
	   "that page, and no other");
	ok(readv(zero, parts, 2) == 3 * PAGE, "into two parts");
	ok(all(at + 3 * PAGE + 1, 0, PAGE) && at[3 * PAGE] == 'd' &&
		   at[4 * PAGE + 1] == 'd' && all(at + 6 * PAGE, 0, 2 * PAGE),
	   "which are where they are");
	ok(write(zero, at + 10 * PAGE, 40 * PAGE) == 40 * PAGE, "to a device");
	ok(getrandom(at + 60 * PAGE, 8, 0) == 8, "random bytes");
	close(zero);
	ok(pread(fd, at + 62 * PAGE, PAGE, PAGE) == PAGE &&
		   all(at + 62 * PAGE, 0, PAGE),
	   "from its own file");
	ok(pwrite(fd, at + 30 * PAGE, 2 * PAGE, 6 * PAGE) == 2 * PAGE &&
		   all(at + 6 * PAGE, 'd', 2 * PAGE),
	   "to its own file");
	close(fd);
	munmap(at, SIZE);
}

/* On the way to standard output nothing else touches it. */
static void output(void)
{
	static const char line[] = "# from the mapping\n";
	int fd;
	char *at = map_new("three", '#', PROT_READ, &fd);
	struct iovec parts[2] = {{at + 5 * PAGE, 3},
				 {at + 7 * PAGE, sizeof(line) - 1}};

	need(pwrite(fd, line, sizeof(line) - 1, 7 * PAGE) == sizeof(line) - 1);
	need(pwrite(fd, line, sizeof(line) - 1, 9 * PAGE - 5) ==
	     sizeof(line) - 1);
	ok(write(STDOUT_FILENO, at + 9 * PAGE - 5, sizeof(line) - 1) ==
		   sizeof(line) - 1,
	   "to standard output");
	ok(writev(STDOUT_FILENO, parts, 2) == (ssize_t)sizeof(line) + 2,
	   "in parts");
	close(fd);
	munmap(at, SIZE);
}

static void forbidden(void)
{
	int fd, zero = open("/dev/zero", O_RDONLY);
	char *at = map_new("four", 'f', PROT_READ, &fd);

	fails(read(zero, at, PAGE), EFAULT, "into what only reads");
	need(ftruncate(fd, PAGE) == 0);
	fails(pwrite(fd, at + 2 * PAGE, 8, 0), EFAULT, "from past the end");
	close(zero);
	close(fd);
}

int main(void)
{
	pipes();
	devices();
	output();
	forbidden();
	return done();
}

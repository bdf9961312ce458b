// SPDX-License-Identifier: BSD-3-Clause
/*
 * copy_file_range(2): offsets and positions, overlaps, what it refuses.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

enum { LARGE = 300000 };

static off_t at_of(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

static void copies(int in, int out)
{
	off_t from = 2, to = 1;

	ok(copy_file_range(in, NULL, out, NULL, 4, 0) == 4, "by positions");
	ok(at_of(in) == 4 && at_of(out) == 4, "both move");
	ok(copy_file_range(in, &from, out, NULL, 2, 0) == 2 && from == 4 &&
		   at_of(in) == 4 && at_of(out) == 6,
	   "from an offset");
	ok(copy_file_range(in, NULL, out, &to, 2, 0) == 2 && to == 3 &&
		   at_of(in) == 6 && at_of(out) == 6,
	   "to an offset");
	ok(fd_has_text(out, "045323"), "the bytes");
	from = 8;
	to = 8;
	ok(copy_file_range(in, &from, out, &to, 100, 0) == 2 && from == 10 &&
		   to == 10 && size_of("out") == 10,
	   "less at the end, past a hole");
	ok(copy_file_range(in, &from, out, &to, 100, 0) == 0, "the end");
	ok(copy_file_range(in, NULL, out, NULL, 0, 0) == 0, "no bytes");
}

static void in_one_file(int in)
{
	off_t from = 0, to = 5;

	answers(copy_file_range(in, &from, in, &to, 6, 0), EINVAL,
		"an overlap");
	ok(copy_file_range(in, &from, in, &to, 5, 0) == 5 &&
		   fd_has_text(in, "0123401234"),
	   "none");
	from = 5;
	to = 0;
	answers(copy_file_range(in, &from, in, &to, 6, 0), 0,
		"less at the end is none");
	from = 0;
	to = 0;
	answers(copy_file_range(in, &from, in, &to, 1, 0), EINVAL, "itself");
	need(pwrite(in, "0123456789", 10, 0) == 10);
}

static void refuses(int in, int out)
{
	int append = open("out", O_WRONLY | O_APPEND), ends[2];
	int read_only = open("out", O_RDONLY), path = open("in", O_PATH);
	int directory = open(".", O_RDONLY | O_DIRECTORY);
	int null = open("/dev/null", O_RDWR);
	off_t below = -1, zero = 0;

	need(append >= 0 && read_only >= 0 && directory >= 0 && null >= 0 &&
	     pipe(ends) == 0);
	answers(copy_file_range(999, NULL, out, NULL, 1, 0), EBADF,
		"no source");
	answers(copy_file_range(in, NULL, 999, NULL, 1, 0), EBADF, "no target");
	answers(copy_file_range(path, NULL, out, NULL, 1, 0), EBADF, "O_PATH");
	answers(copy_file_range(append, NULL, out, NULL, 1, 0), EBADF,
		"a source to write");
	answers(copy_file_range(in, NULL, read_only, NULL, 1, 0), EBADF,
		"a target to read");
	answers(copy_file_range(in, NULL, append, NULL, 1, 0), EBADF,
		"O_APPEND");
	answers(copy_file_range(directory, NULL, out, NULL, 1, 0), EISDIR,
		"a directory");
	answers(copy_file_range(in, NULL, directory, NULL, 1, 0), EISDIR,
		"as target, too");
	answers(copy_file_range(ends[0], NULL, out, NULL, 1, 0), EINVAL,
		"a pipe");
	answers(copy_file_range(in, NULL, null, NULL, 1, 0), EINVAL,
		"a device");
	answers(copy_file_range(in, NULL, out, NULL, 1, 1), EINVAL, "flags");
	answers(copy_file_range(in, &below, out, NULL, 1, 0), EOVERFLOW,
		"an offset below 0");
	answers(copy_file_range(in, NULL, out, &below, 1, 0), EOVERFLOW,
		"to write, too");
	answers(copy_file_range(in, NULL, out, &zero, SIZE_MAX, 0), EOVERFLOW,
		"too many bytes");
	close(append), close(read_only), close(directory), close(null);
	close(ends[0]), close(ends[1]), close(path);
}

static unsigned char large[LARGE], got[LARGE];

static void copies_much(int in, int out)
{
	off_t from = 0, to = 100;

	for (int i = 0; i < LARGE; i++)
		large[i] = (unsigned char)(i * 7 + i / 251);
	need(ftruncate(in, 0) == 0 && pwrite(in, large, LARGE, 0) == LARGE);
	while (from < LARGE)
		need(copy_file_range(in, &from, out, &to, 1 << 30, 0) > 0);
	ok(from == LARGE && to == LARGE + 100 &&
		   pread(out, got, LARGE, 100) == LARGE &&
		   memcmp(got, large, LARGE) == 0,
	   "a large file");
}

static void within_limit(int in, int out)
{
	struct rlimit limit = {1000, RLIM_INFINITY};
	off_t from = 0, to = 900;

	signal(SIGXFSZ, SIG_IGN);
	need(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	ok(copy_file_range(in, &from, out, &to, 500, 0) == 100 && to == 1000,
	   "as much as the limit leaves");
	answers(copy_file_range(in, &from, out, &to, 500, 0), EFBIG,
		"and no more");
}

int main(void)
{
	int in, out;

	put_text("in", "0123456789");
	in = open("in", O_RDWR);
	out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);
	need(in >= 0 && out >= 0);
	copies(in, out);
	in_one_file(in);
	refuses(in, out);
	copies_much(in, out);
	within_limit(in, out);
	need(unlink("in") == 0 && unlink("out") == 0);
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * /dev/full gives zeros and is always full: each write fails with ENOSPC,
 * which stdio reports at the latest when it flushes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void descriptor(void)
{
	struct stat st;
	char buf[100];
	int fd = open("/dev/full", O_RDWR);

	ok(fd >= 0, "it opens");
	ok(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode), "a character device");
	fails(write(fd, "x", 1), ENOSPC, "a write finds no space");
	fails(pwrite(fd, "x", 1, 0), ENOSPC, "nor does pwrite");
	memset(buf, 1, sizeof(buf));
	ok(read(fd, buf, sizeof(buf)) == sizeof(buf) &&
		   all_bytes(buf, 0, sizeof(buf)),
	   "it gives zeros");
	close(fd);
}

static void stream(void)
{
	FILE *file = fopen("/dev/full", "w");

	need(file);
	ok(fputs("text", file) >= 0, "fputs buffers");
	errno = 0;
	ok(fflush(file) == EOF && errno == ENOSPC, "fflush fails");
	ok(ferror(file), "the stream has an error");
	clearerr(file);
	ok(!ferror(file), "which can be cleared");
	fclose(file);
	file = fopen("/dev/full", "w");
	need(file && setvbuf(file, NULL, _IONBF, 0) == 0);
	errno = 0;
	ok(fputc('x', file) == EOF && errno == ENOSPC,
	   "without a buffer fputc fails");
	fclose(file);
	file = fopen("/dev/full", "w");
	need(file && fputs("text", file) >= 0);
	errno = 0;
	ok(fclose(file) == EOF && errno == ENOSPC, "fclose fails");
}

int main(void)
{
	descriptor();
	stream();
	return done();
}

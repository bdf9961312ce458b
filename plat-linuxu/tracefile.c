// SPDX-License-Identifier: BSD-3-Clause
/*
 * The tracer's file: the host's. After each part its end is written too, and
 * then written over, so that the file is whole even if we are killed.
 */
#include "core/abi.h"
#include "core/dev/traceoutput.h"
#include "plat-linuxu/linux.h"

enum { FILE_MODE = 0666, PATH_BYTES = 512 };

static long fd = -1;
static uint64_t written;

static int open_file(const char *name, size_t len)
{
	char path[PATH_BYTES];

	if (len >= sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path, name, len);
	path[len] = '\0';
	fd = eft_linux4(SYS_openat, AT_FDCWD, (long)path,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return (int)fd;
	eft_linux4(SYS_pwrite64, fd, (long)"[\n", 2, 0);
	written = 2;
	return 0;
}

static void write_file(const char *text, size_t len)
{
	struct eft_iovec parts[] = {
		{(void *)text, len},
		{(void *)"\n]\n", 3},
	};

	eft_linux6(SYS_pwritev, fd, (long)parts, 2, (long)written, 0, 0);
	written += len;
}

const struct eft_trace_output eft_linuxu_trace_output = {
	.open = open_file,
	.write = write_file,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * sysconf() and pathconf() tell limits that hold.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tap.h"

int main(void)
{
	struct rlimit limit;
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	ok(sysconf(_SC_PAGESIZE) == 4096, "pages of 4 KiB");
	ok(getpagesize() == 4096, "getpagesize too");
	ok(online >= 1, "a processor");
	ok(sysconf(_SC_NPROCESSORS_CONF) >= online,
	   "no fewer configured than online");
	need(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	ok(sysconf(_SC_OPEN_MAX) == (long)limit.rlim_cur,
	   "as many open files as RLIMIT_NOFILE");
	ok(sysconf(_SC_CLK_TCK) == 100, "100 ticks a second");
	ok(sysconf(_SC_IOV_MAX) == IOV_MAX, "IOV_MAX");
	ok(sysconf(_SC_VERSION) >= 200809, "POSIX.1-2008");
	ok(sysconf(_SC_ARG_MAX) >= _POSIX_ARG_MAX, "room for arguments");
	ok(sysconf(_SC_NGROUPS_MAX) >= 8, "groups");
	ok(sysconf(_SC_MONOTONIC_CLOCK) > 0, "a monotonic clock");
	ok(sysconf(_SC_MAPPED_FILES) > 0, "mapped files");
	fails(sysconf(99999), EINVAL, "an unknown limit");
	ok(pathconf(".", _PC_NAME_MAX) == 255, "names of 255 bytes");
	ok(pathconf(".", _PC_PATH_MAX) == 4096, "paths of 4096 bytes");
	ok(pathconf(".", _PC_LINK_MAX) >= 8, "links");
	fails(pathconf(".", 99999), EINVAL, "an unknown limit of a path");
	return done();
}

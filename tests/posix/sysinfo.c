// SPDX-License-Identifier: BSD-3-Clause
/*
 * sysinfo() tells sizes of memory that make sense and an up time that goes
 * forward.
 */
#define _GNU_SOURCE
#include <sys/sysinfo.h>
#include <unistd.h>

#include "tap.h"

int main(void)
{
	struct sysinfo info, later;
	unsigned long long total;

	ok(sysinfo(&info) == 0, "sysinfo");
	ok(info.mem_unit > 0, "a unit");
	total = (unsigned long long)info.totalram * info.mem_unit;
	ok(total >= 4 * 1024 * 1024, "at least 4 MiB of memory");
	ok(info.freeram <= info.totalram, "no more free than there is");
	ok(info.freeswap <= info.totalswap, "swap likewise");
	ok(info.uptime < 3600L * 24 * 365 * 100, "an up time");
	ok(info.procs >= 1, "at least one process");
	ok(sysinfo(&later) == 0 && later.uptime >= info.uptime &&
		   later.totalram == info.totalram,
	   "again");
	ok(sysconf(_SC_PHYS_PAGES) > 0 &&
		   (unsigned long long)sysconf(_SC_PHYS_PAGES) *
				   sysconf(_SC_PAGESIZE) <=
			   total,
	   "sysconf agrees");
	ok(get_nprocs() >= 1, "a processor");
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Resource limits: told by getrlimit() and prlimit() alike, set within the
 * hard limit, and enforced for open files.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static const int resources[] = {RLIMIT_CPU,  RLIMIT_FSIZE,  RLIMIT_DATA,
				RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_AS,
				RLIMIT_STACK};

static void telling(void)
{
	struct rlimit limit, again;
	int told = 0, sane = 0, same = 0;

	for (int i = 0; i < 7; i++) {
		told += getrlimit(resources[i], &limit) == 0;
		sane += limit.rlim_cur <= limit.rlim_max;
		same += prlimit(0, resources[i], NULL, &again) == 0 &&
			limit.rlim_cur == again.rlim_cur &&
			limit.rlim_max == again.rlim_max;
	}
	ok(told == 7, "seven limits");
	ok(sane == 7, "soft ones are within hard ones");
	ok(same == 7, "prlimit agrees");
	fails(getrlimit(9999, &limit), EINVAL, "an unknown limit");
}

static void setting(void)
{
	struct rlimit core, now;

	need(getrlimit(RLIMIT_CORE, &core) == 0);
	now = core;
	now.rlim_cur = 0;
	ok(setrlimit(RLIMIT_CORE, &now) == 0 &&
		   getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_cur == 0 &&
		   now.rlim_max == core.rlim_max,
	   "a soft limit is lowered");
	ok(setrlimit(RLIMIT_CORE, &core) == 0 &&
		   getrlimit(RLIMIT_CORE, &now) == 0 &&
		   now.rlim_cur == core.rlim_cur,
	   "and raised again");
	now.rlim_cur = 2;
	now.rlim_max = 1;
	fails(setrlimit(RLIMIT_CORE, &now), EINVAL,
	      "a soft limit above its hard one");
	now.rlim_cur = now.rlim_max = 0;
	ok(setrlimit(RLIMIT_CORE, &now) == 0, "a hard limit of 0");
	now.rlim_max = 1;
	ok(getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_cur == 0 &&
		   now.rlim_max == 0,
	   "stays");
}

static void open_files(void)
{
	struct rlimit limit, small;
	int fd = open("/dev/null", O_RDWR);
	int count = 0, next;
	int fds[64];

	need(fd >= 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0);
	ok(limit.rlim_cur >= 256, "at least 256 open files");
	small = limit;
	small.rlim_cur = fd + 21;
	ok(setrlimit(RLIMIT_NOFILE, &small) == 0, "fewer are allowed");
	while (count < 64 && (next = dup(fd)) >= 0)
		fds[count++] = next;
	ok(errno == EMFILE && count <= 20 && fds[count - 1] == fd + 20,
	   "numbers end below the limit");
	fails(open("/dev/null", O_RDONLY), EMFILE, "open says EMFILE");
	fails(dup2(fd, fd + 21), EBADF, "dup2 to the limit");
	need(close(fds[--count]) == 0);
	ok(dup(fd) == fds[count], "a closed one makes room");
	close(fds[count]);
	while (count > 0)
		close(fds[--count]);
	ok(setrlimit(RLIMIT_NOFILE, &limit) == 0 &&
		   dup2(fd, fd + 30) == fd + 30,
	   "and the limit can go up again");
	close(fd + 30);
	close(fd);
}

int main(void)
{
	telling();
	setting();
	open_files();
	return done();
}

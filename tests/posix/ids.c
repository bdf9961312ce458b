// SPDX-License-Identifier: BSD-3-Clause
/*
 * Process, user and group numbers: stable, consistent with each other, and
 * settable to what they are.
 */
#define _GNU_SOURCE
#include <sys/types.h>
#include <unistd.h>

#include "tap.h"

static void processes(void)
{
	pid_t pid = getpid();

	ok(pid > 0, "the process has a number");
	ok(getpid() == pid, "the same one each time");
	ok(getppid() >= 0 && getppid() != pid, "its parent has another");
	ok(getpgrp() >= 0 && getpgid(0) == getpgrp() &&
		   getpgid(pid) == getpgrp(),
	   "the process group, three ways");
	ok(getsid(0) >= 0 && getsid(pid) == getsid(0), "the session");
	ok(gettid() == pid, "the first thread is the process");
}

static void users(void)
{
	uid_t real = 1, effective = 2, saved = 3;

	ok(getresuid(&real, &effective, &saved) == 0, "getresuid");
	ok(real == getuid() && effective == geteuid(), "agrees with getuid");
	ok(saved == effective, "the saved one is the effective one");
	ok(setuid(getuid()) == 0, "setuid to oneself");
	ok(seteuid(geteuid()) == 0, "seteuid");
	ok(setreuid(-1, -1) == 0 && getuid() == real, "setreuid of nothing");
	ok(setresuid(real, effective, saved) == 0 && geteuid() == effective,
	   "setresuid");
}

static void groups(void)
{
	gid_t real = 1, effective = 2, saved = 3;
	int count = getgroups(0, NULL);
	gid_t *list = malloc((count + 1) * sizeof(gid_t));

	ok(getresgid(&real, &effective, &saved) == 0, "getresgid");
	ok(real == getgid() && effective == getegid(), "agrees with getgid");
	ok(setgid(getgid()) == 0, "setgid to oneself");
	ok(setegid(getegid()) == 0, "setegid");
	ok(count >= 0 && list && getgroups(count + 1, list) == count,
	   "getgroups counts and lists");
	free(list);
}

int main(void)
{
	processes();
	users();
	groups();
	return done();
}

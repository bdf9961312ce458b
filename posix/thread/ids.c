// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who we are. How that changes is in setids.c.
 */
#include "core/boot.h"
#include "core/process.h"
#include "core/user.h"
#include "posix/syscalls.h"

long eft_sys_getpid(void)
{
	return eft_process()->identity.pid;
}

long eft_sys_getppid(void)
{
	return eft_caller_parent();
}

long eft_sys_getuid(void)
{
	return eft_process()->identity.uid;
}

long eft_sys_geteuid(void)
{
	return eft_process()->identity.euid;
}

long eft_sys_getgid(void)
{
	return eft_process()->identity.gid;
}

long eft_sys_getegid(void)
{
	return eft_process()->identity.egid;
}

static long put_three(unsigned eft_user *const to[3], const unsigned ids[3])
{
	for (int i = 0; i < 3; i++) {
		if (eft_put_user(to[i], &ids[i]) != 0)
			return -EFAULT;
	}
	return 0;
}

long eft_sys_getresuid(unsigned eft_user *ruid, unsigned eft_user *euid,
		       unsigned eft_user *suid)
{
	unsigned eft_user *const to[3] = {ruid, euid, suid};
	const unsigned ids[3] = {eft_process()->identity.uid,
				 eft_process()->identity.euid,
				 eft_process()->identity.suid};

	return put_three(to, ids);
}

long eft_sys_getresgid(unsigned eft_user *rgid, unsigned eft_user *egid,
		       unsigned eft_user *sgid)
{
	unsigned eft_user *const to[3] = {rgid, egid, sgid};
	const unsigned ids[3] = {eft_process()->identity.gid,
				 eft_process()->identity.egid,
				 eft_process()->identity.sgid};

	return put_three(to, ids);
}

/* One process, which leads its group and session. */
static long group_of(int pid)
{
	return pid == 0 || pid == eft_process()->identity.pid
		       ? eft_process()->identity.pid
		       : -ESRCH;
}

long eft_sys_getpgrp(void)
{
	return eft_process()->identity.pid;
}

long eft_sys_getpgid(int pid)
{
	return group_of(pid);
}

long eft_sys_getsid(int pid)
{
	return group_of(pid);
}

/* Who leads a session stays in its group; nobody else is here. */
long eft_sys_setpgid(int pid, int pgid)
{
	if (pgid < 0)
		return -EINVAL;
	return group_of(pid) < 0 ? -ESRCH : -EPERM;
}

/* Who leads a group begins no session. */
long eft_sys_setsid(void)
{
	return -EPERM;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who we are. How that changes is in setids.c.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "posix/syscalls.h"

long eft_sys_getpid(void)
{
	return eft_identity.pid;
}

long eft_sys_getppid(void)
{
	return eft_caller_parent();
}

long eft_sys_getuid(void)
{
	return eft_identity.uid;
}

long eft_sys_geteuid(void)
{
	return eft_identity.euid;
}

long eft_sys_getgid(void)
{
	return eft_identity.gid;
}

long eft_sys_getegid(void)
{
	return eft_identity.egid;
}

long eft_sys_getresuid(unsigned *ruid, unsigned *euid, unsigned *suid)
{
	*ruid = eft_identity.uid;
	*euid = eft_identity.euid;
	*suid = eft_identity.suid;
	return 0;
}

long eft_sys_getresgid(unsigned *rgid, unsigned *egid, unsigned *sgid)
{
	*rgid = eft_identity.gid;
	*egid = eft_identity.egid;
	*sgid = eft_identity.sgid;
	return 0;
}

/* One process, which leads its group and session. */
static long group_of(int pid)
{
	return pid == 0 || pid == eft_identity.pid ? eft_identity.pid : -ESRCH;
}

long eft_sys_getpgrp(void)
{
	return eft_identity.pid;
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

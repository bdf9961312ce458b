// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who we are: what the platform said at boot.
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
	return eft_identity.ppid;
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
	*euid = *suid = eft_identity.euid;
	return 0;
}

long eft_sys_getresgid(unsigned *rgid, unsigned *egid, unsigned *sgid)
{
	*rgid = eft_identity.gid;
	*egid = *sgid = eft_identity.egid;
	return 0;
}

/* Only to what one already is; ~0 leaves an identity as it is. */
static bool may_be_user(unsigned uid)
{
	return uid == ~0u || uid == eft_identity.uid ||
	       uid == eft_identity.euid;
}

static bool may_be_group(unsigned gid)
{
	return gid == ~0u || gid == eft_identity.gid ||
	       gid == eft_identity.egid;
}

long eft_sys_setresuid(unsigned ruid, unsigned euid, unsigned suid)
{
	bool may = may_be_user(ruid) && may_be_user(euid) && may_be_user(suid);

	return may ? 0 : -EPERM;
}

long eft_sys_setresgid(unsigned rgid, unsigned egid, unsigned sgid)
{
	bool may =
		may_be_group(rgid) && may_be_group(egid) && may_be_group(sgid);

	return may ? 0 : -EPERM;
}

long eft_sys_setreuid(unsigned ruid, unsigned euid)
{
	return eft_sys_setresuid(ruid, euid, ~0u);
}

long eft_sys_setregid(unsigned rgid, unsigned egid)
{
	return eft_sys_setresgid(rgid, egid, ~0u);
}

long eft_sys_setuid(unsigned uid)
{
	return uid == ~0u ? -EINVAL : eft_sys_setresuid(uid, ~0u, ~0u);
}

long eft_sys_setgid(unsigned gid)
{
	return gid == ~0u ? -EINVAL : eft_sys_setresgid(gid, ~0u, ~0u);
}

long eft_sys_getgroups(int size, unsigned *groups)
{
	return size < 0 ? -EINVAL : 0;
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

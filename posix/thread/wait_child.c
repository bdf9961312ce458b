// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for children, of which there never is one; the order of the checks
 * is Linux's (kernel/exit.c).
 */
#include "core/user.h"
#include "posix/syscalls.h"

enum {
	WNOHANG = 1,
	WUNTRACED = 2, /* WSTOPPED */
	WEXITED = 4,
	WCONTINUED = 8,
	WNOWAIT = 0x1000000,
};

#define OF_ALL_KINDS 0xe0000000u /* __WNOTHREAD, __WALL, __WCLONE */

long eft_sys_wait4(int pid, int eft_user *status, unsigned options,
		   struct eft_rusage eft_user *usage)
{
	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | OF_ALL_KINDS))
		return -EINVAL;
	return pid == INT32_MIN ? -ESRCH : -ECHILD;
}

/* What the (id) of waitid(2) is of. */
enum { P_ALL = 0, P_PID = 1, P_PGID = 2, P_PIDFD = 3 };

static long check_id(int which, int id)
{
	switch (which) {
	case P_ALL:
		return 0;
	case P_PID:
		return id <= 0 ? -EINVAL : 0;
	case P_PGID:
		return id < 0 ? -EINVAL : 0;
	case P_PIDFD: /* no descriptor is one of a process */
		if (id < 0)
			return -EINVAL;
		return -EBADF;
	}
	return -EINVAL;
}

static long check_wait(int which, int id, unsigned options)
{
	unsigned events = WEXITED | WUNTRACED | WCONTINUED;

	if (options & ~(WNOHANG | WNOWAIT | events | OF_ALL_KINDS) ||
	    (options & events) == 0)
		return -EINVAL;
	return check_id(which, id);
}

/* Linux clears (info) whatever it answers. */
long eft_sys_waitid(int which, int id, struct eft_siginfo eft_user *info,
		    unsigned options, struct eft_rusage eft_user *usage)
{
	/* Of siginfo all that a child would be told by, its status the last. */
	enum { TOLD_BYTES = 28 };
	long error = check_wait(which, id, options);

	if (info != NULL && eft_clear_some(info, TOLD_BYTES) < TOLD_BYTES)
		return -EFAULT;
	return error != 0 ? error : -ECHILD;
}

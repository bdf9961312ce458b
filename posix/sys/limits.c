// SPDX-License-Identifier: BSD-3-Clause
/*
 * Resource limits. RLIMIT_NOFILE and RLIMIT_FSIZE are enforced; the others are
 * remembered.
 */
#include "core/boot.h"
#include "core/file.h"
#include "core/process.h"
#include "core/user.h"
#include "posix/fs/file_limit.h"
#include "posix/syscalls.h"

enum { RLIMIT_STACK = 3, RLIMITS = 16 };

#define INFINITE    UINT64_MAX
#define STACK_BYTES (8ul << 20) /* core/boot/program.c */
#define FILES_MAX   65536ul	/* core/fd/fd.c */

struct eft_rlimit {
	uint64_t current, max;
};

/* What the caller says, or a guest's own. */
static struct eft_rlimit first_limit(int resource)
{
	uint64_t limit[2] = {INFINITE, INFINITE};

	if (resource == RLIMIT_STACK)
		limit[0] = STACK_BYTES;
	if (resource == EFT_RLIMIT_NOFILE) {
		limit[0] = (uint64_t)eft_fd_limit(-1);
		limit[1] = FILES_MAX;
	}
	eft_caller_limit(resource, limit);
	return (struct eft_rlimit){limit[0], limit[1]};
}

/* A process's limits. */
struct eft_limits {
	struct eft_rlimit of[RLIMITS];
	bool known[RLIMITS];
};

struct eft_limits eft_first_limits;

static struct eft_rlimit *limit_of(int resource)
{
	struct eft_limits *limits = eft_process()->limits;

	if (resource < 0 || resource >= RLIMITS)
		return NULL;
	if (!limits->known[resource]) {
		limits->of[resource] = first_limit(resource);
		limits->known[resource] = true;
	}
	return &limits->of[resource];
}

static long set_limit(int resource, struct eft_rlimit *limit,
		      struct eft_rlimit wanted)
{
	if (wanted.current > wanted.max)
		return -EINVAL;
	if (wanted.max > limit->max && eft_process()->identity.euid != 0)
		return -EPERM;
	if (resource == EFT_RLIMIT_NOFILE && wanted.max > FILES_MAX &&
	    wanted.max > limit->max)
		return -EPERM;
	if (resource == EFT_RLIMIT_NOFILE)
		eft_fd_limit((int)eft_min(wanted.current, FILES_MAX));
	if (resource == EFT_RLIMIT_FSIZE)
		eft_file_limit_set(wanted.current);
	*limit = wanted;
	return 0;
}

long eft_sys_prlimit64(int pid, int resource,
		       const struct eft_rlimit eft_user *limit,
		       struct eft_rlimit eft_user *old)
{
	struct eft_rlimit *current = limit_of(resource), before, wanted;
	long result = 0;

	if (limit != NULL && eft_get_user(&wanted, limit) != 0)
		return -EFAULT;
	if (current == NULL)
		return -EINVAL;
	if (pid != 0 && pid != eft_process()->identity.pid)
		return -ESRCH;
	before = *current;
	if (limit != NULL)
		result = set_limit(resource, current, wanted);
	return result == 0 ? eft_put_optional(old, &before) : result;
}

long eft_sys_getrlimit(int resource, struct eft_rlimit eft_user *ret_limit)
{
	const struct eft_rlimit *limit = limit_of(resource);

	return limit == NULL ? -EINVAL : eft_put_user(ret_limit, limit);
}

long eft_sys_setrlimit(int resource, const struct eft_rlimit eft_user *limit)
{
	return limit == NULL ? -EFAULT
			     : eft_sys_prlimit64(0, resource, limit, NULL);
}

/* For /proc. */
void eft_proc_limit(int resource, uint64_t *ret_soft, uint64_t *ret_hard)
{
	const struct eft_rlimit *limit = limit_of(resource);

	*ret_soft = limit->current;
	*ret_hard = limit->max;
}

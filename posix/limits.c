// SPDX-License-Identifier: BSD-3-Clause
/*
 * Resource limits. RLIMIT_NOFILE is enforced; the others are remembered.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/file.h"
#include "posix/syscalls.h"

enum { RLIMIT_STACK = 3, RLIMIT_NOFILE = 7, RLIMITS = 16 };

#define INFINITE    UINT64_MAX
#define STACK_BYTES (8ul << 20) /* core/program.c */
#define FILES_MAX   65536ul	/* core/file/fd.c */

struct eft_rlimit {
	uint64_t current, max;
};

static struct eft_rlimit *limit_of(int resource)
{
	static struct eft_rlimit limits[RLIMITS];
	static bool known[RLIMITS];

	if (resource < 0 || resource >= RLIMITS)
		return NULL;
	if (!known[resource]) {
		uint64_t current =
			resource == RLIMIT_STACK ? STACK_BYTES : INFINITE;

		limits[resource] = (struct eft_rlimit){current, INFINITE};
		known[resource] = true;
	}
	if (resource == RLIMIT_NOFILE) {
		limits[resource].current = eft_fd_limit(-1);
		limits[resource].max = eft_min(limits[resource].max, FILES_MAX);
	}
	return &limits[resource];
}

static long set_limit(int resource, struct eft_rlimit *limit,
		      struct eft_rlimit wanted)
{
	if (wanted.current > wanted.max)
		return -EINVAL;
	if (wanted.max > limit->max)
		return -EPERM;
	if (resource == RLIMIT_NOFILE)
		eft_fd_limit(wanted.current);
	*limit = wanted;
	return 0;
}

long eft_sys_prlimit64(int pid, int resource, const struct eft_rlimit *limit,
		       struct eft_rlimit *old)
{
	struct eft_rlimit *current = limit_of(resource), before;
	long result = 0;

	if (current == NULL)
		return -EINVAL;
	if (pid != 0 && pid != eft_identity.pid)
		return -ESRCH;
	before = *current;
	if (limit != NULL)
		result = set_limit(resource, current, *limit);
	if (result == 0 && old != NULL)
		*old = before;
	return result;
}

long eft_sys_getrlimit(int resource, struct eft_rlimit *limit)
{
	return eft_sys_prlimit64(0, resource, NULL, limit);
}

long eft_sys_setrlimit(int resource, const struct eft_rlimit *limit)
{
	return eft_sys_prlimit64(0, resource, limit, NULL);
}

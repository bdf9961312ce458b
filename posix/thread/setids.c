// SPDX-License-Identifier: BSD-3-Clause
/*
 * Changing who we are, and getgroups(). A process's host decides, and changes
 * all of our threads on it: what Linux keeps for each thread, and the C library
 * changes for all, is the program's here. A guest has Linux's own rules
 * (kernel/sys.c, kernel/groups.c), and root's capabilities with user 0.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/mem.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/user.h"
#include "posix/syscalls.h"

enum { REAL, EFFECTIVE, SAVED, IDS };
enum { SAME = -1, GROUPS_MAX = 65536 }; /* NGROUPS_MAX, linux/limits.h */

struct ids {
	unsigned *of[IDS];
};

static struct ids users(void)
{
	struct eft_identity *id = &eft_process()->identity;

	return (struct ids){{&id->uid, &id->euid, &id->suid}};
}

static struct ids groups(void)
{
	struct eft_identity *id = &eft_process()->identity;

	return (struct ids){{&id->gid, &id->egid, &id->sgid}};
}

static bool is_one(struct ids ids, unsigned id)
{
	return id == *ids.of[REAL] || id == *ids.of[EFFECTIVE] ||
	       id == *ids.of[SAVED];
}

static long set_three(struct ids ids, const unsigned to[IDS])
{
	for (int i = 0; i < IDS; i++) {
		if (to[i] != (unsigned)SAME &&
		    eft_process()->identity.euid != 0 && !is_one(ids, to[i]))
			return -EPERM;
	}
	for (int i = 0; i < IDS; i++) {
		if (to[i] != (unsigned)SAME)
			*ids.of[i] = to[i];
	}
	return 0;
}

/* The saved one follows, where the real one is set or no longer the other. */
static long set_two(struct ids ids, unsigned real, unsigned effective)
{
	unsigned to[IDS] = {real, effective, SAME};

	if (eft_process()->identity.euid != 0 && real != (unsigned)SAME &&
	    real != *ids.of[REAL] && real != *ids.of[EFFECTIVE])
		return -EPERM;
	if (real != (unsigned)SAME ||
	    (effective != (unsigned)SAME && effective != *ids.of[REAL]))
		to[SAVED] = effective != (unsigned)SAME ? effective
							: *ids.of[EFFECTIVE];
	return set_three(ids, to);
}

static long set_one(struct ids ids, unsigned id)
{
	const unsigned all[IDS] = {id, id, id}, one[IDS] = {SAME, id, SAME};

	if (id == (unsigned)SAME)
		return -EINVAL;
	if (eft_process()->identity.euid == 0)
		return set_three(ids, all);
	if (id != *ids.of[REAL] && id != *ids.of[SAVED])
		return -EPERM;
	return set_three(ids, one);
}

/* Does the host decide? Then (*ret_result) is its answer. */
static bool by_host(enum eft_change call, long a, long b, long c,
		    long *ret_result)
{
	struct eft_identity id = eft_process()->identity;

	*ret_result = eft_caller_change(call, a, b, c, &id);
	if (*ret_result == 0)
		eft_process()->identity = id;
	return *ret_result != -ENOSYS;
}

long eft_sys_setresuid(unsigned ruid, unsigned euid, unsigned suid)
{
	const unsigned to[IDS] = {ruid, euid, suid};
	long result;

	if (by_host(EFT_CHANGE_RESUID, ruid, euid, suid, &result))
		return result;
	return set_three(users(), to);
}

long eft_sys_setresgid(unsigned rgid, unsigned egid, unsigned sgid)
{
	const unsigned to[IDS] = {rgid, egid, sgid};
	long result;

	if (by_host(EFT_CHANGE_RESGID, rgid, egid, sgid, &result))
		return result;
	return set_three(groups(), to);
}

long eft_sys_setreuid(unsigned ruid, unsigned euid)
{
	long result;

	if (by_host(EFT_CHANGE_REUID, ruid, euid, 0, &result))
		return result;
	return set_two(users(), ruid, euid);
}

long eft_sys_setregid(unsigned rgid, unsigned egid)
{
	long result;

	if (by_host(EFT_CHANGE_REGID, rgid, egid, 0, &result))
		return result;
	return set_two(groups(), rgid, egid);
}

long eft_sys_setuid(unsigned uid)
{
	long result;

	if (by_host(EFT_CHANGE_UID, uid, 0, 0, &result))
		return result;
	return set_one(users(), uid);
}

long eft_sys_setgid(unsigned gid)
{
	long result;

	if (by_host(EFT_CHANGE_GID, gid, 0, 0, &result))
		return result;
	return set_one(groups(), gid);
}

/* A process's groups, in a guest: it begins with none. */
struct eft_groups {
	struct eft_mutex lock;
	unsigned *list;
	int count;
};

struct eft_groups eft_first_groups = {
	.lock = EFT_MUTEX_INIT(eft_first_groups.lock, EFT_RANK_GROUPS),
};

long eft_sys_setgroups(size_t size, const unsigned eft_user *list)
{
	struct eft_groups *groups = eft_process()->groups;
	unsigned *copy = NULL, *old;
	long result;

	if (by_host(EFT_CHANGE_GROUPS, (long)size, (long)list, 0, &result))
		return result;
	if (eft_process()->identity.euid != 0)
		return -EPERM;
	if (size > GROUPS_MAX)
		return -EINVAL;
	if (size > 0) {
		copy = eft_alloc(size * sizeof(*copy));
		if (copy == NULL)
			return -ENOMEM;
		if (eft_copy_in(copy, list, size * sizeof(*copy)) != 0) {
			eft_free(copy);
			return -EFAULT;
		}
	}
	eft_mutex_lock(&groups->lock);
	old = groups->list;
	groups->list = copy;
	groups->count = (int)size;
	eft_mutex_unlock(&groups->lock);
	eft_free(old);
	return 0;
}

long eft_sys_getgroups(int size, unsigned eft_user *list)
{
	struct eft_groups *groups = eft_process()->groups;
	long result;

	if (size < 0)
		return -EINVAL;
	result = eft_caller_groups(size, (unsigned *)list); /* a host checks */
	if (result != -ENOSYS)
		return result;
	eft_mutex_lock(&groups->lock);
	result = size > 0 && size < groups->count ? -EINVAL : groups->count;
	if (result > 0 && size > 0 &&
	    eft_copy_out(list, groups->list, groups->count * sizeof(*list)) !=
		    0)
		result = -EFAULT;
	eft_mutex_unlock(&groups->lock);
	return result;
}

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
#include "core/thread.h"
#include "core/user.h"
#include "posix/syscalls.h"

enum { REAL, EFFECTIVE, SAVED, IDS };
enum { SAME = -1, GROUPS_MAX = 65536 }; /* NGROUPS_MAX, linux/limits.h */

struct ids {
	unsigned *of[IDS];
};

static const struct ids users = {
	{&eft_identity.uid, &eft_identity.euid, &eft_identity.suid}};
static const struct ids groups = {
	{&eft_identity.gid, &eft_identity.egid, &eft_identity.sgid}};

static bool is_one(const struct ids *ids, unsigned id)
{
	return id == *ids->of[REAL] || id == *ids->of[EFFECTIVE] ||
	       id == *ids->of[SAVED];
}

static long set_three(const struct ids *ids, const unsigned to[IDS])
{
	for (int i = 0; i < IDS; i++) {
		if (to[i] != (unsigned)SAME && eft_identity.euid != 0 &&
		    !is_one(ids, to[i]))
			return -EPERM;
	}
	for (int i = 0; i < IDS; i++) {
		if (to[i] != (unsigned)SAME)
			*ids->of[i] = to[i];
	}
	return 0;
}

/* The saved one follows, where the real one is set or no longer the other. */
static long set_two(const struct ids *ids, unsigned real, unsigned effective)
{
	unsigned to[IDS] = {real, effective, SAME};

	if (eft_identity.euid != 0 && real != (unsigned)SAME &&
	    real != *ids->of[REAL] && real != *ids->of[EFFECTIVE])
		return -EPERM;
	if (real != (unsigned)SAME ||
	    (effective != (unsigned)SAME && effective != *ids->of[REAL]))
		to[SAVED] = effective != (unsigned)SAME ? effective
							: *ids->of[EFFECTIVE];
	return set_three(ids, to);
}

static long set_one(const struct ids *ids, unsigned id)
{
	const unsigned all[IDS] = {id, id, id}, one[IDS] = {SAME, id, SAME};

	if (id == (unsigned)SAME)
		return -EINVAL;
	if (eft_identity.euid == 0)
		return set_three(ids, all);
	if (id != *ids->of[REAL] && id != *ids->of[SAVED])
		return -EPERM;
	return set_three(ids, one);
}

/* Does the host decide? Then (*ret_result) is its answer. */
static bool by_host(enum eft_change call, long a, long b, long c,
		    long *ret_result)
{
	struct eft_identity id = eft_identity;

	*ret_result = eft_caller_change(call, a, b, c, &id);
	if (*ret_result == 0)
		eft_identity = id;
	return *ret_result != -ENOSYS;
}

long eft_sys_setresuid(unsigned ruid, unsigned euid, unsigned suid)
{
	const unsigned to[IDS] = {ruid, euid, suid};
	long result;

	if (by_host(EFT_CHANGE_RESUID, ruid, euid, suid, &result))
		return result;
	return set_three(&users, to);
}

long eft_sys_setresgid(unsigned rgid, unsigned egid, unsigned sgid)
{
	const unsigned to[IDS] = {rgid, egid, sgid};
	long result;

	if (by_host(EFT_CHANGE_RESGID, rgid, egid, sgid, &result))
		return result;
	return set_three(&groups, to);
}

long eft_sys_setreuid(unsigned ruid, unsigned euid)
{
	long result;

	if (by_host(EFT_CHANGE_REUID, ruid, euid, 0, &result))
		return result;
	return set_two(&users, ruid, euid);
}

long eft_sys_setregid(unsigned rgid, unsigned egid)
{
	long result;

	if (by_host(EFT_CHANGE_REGID, rgid, egid, 0, &result))
		return result;
	return set_two(&groups, rgid, egid);
}

long eft_sys_setuid(unsigned uid)
{
	long result;

	if (by_host(EFT_CHANGE_UID, uid, 0, 0, &result))
		return result;
	return set_one(&users, uid);
}

long eft_sys_setgid(unsigned gid)
{
	long result;

	if (by_host(EFT_CHANGE_GID, gid, 0, 0, &result))
		return result;
	return set_one(&groups, gid);
}

/* A guest's: it begins with none. */
static struct {
	struct eft_mutex lock;
	unsigned *list;
	int count;
} more = {.lock = EFT_MUTEX_INIT(more.lock, EFT_RANK_GROUPS)};

long eft_sys_setgroups(size_t size, const unsigned eft_user *list)
{
	unsigned *copy = NULL, *old;
	long result;

	if (by_host(EFT_CHANGE_GROUPS, (long)size, (long)list, 0, &result))
		return result;
	if (eft_identity.euid != 0)
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
	eft_mutex_lock(&more.lock);
	old = more.list;
	more.list = copy;
	more.count = (int)size;
	eft_mutex_unlock(&more.lock);
	eft_free(old);
	return 0;
}

long eft_sys_getgroups(int size, unsigned eft_user *list)
{
	long result;

	if (size < 0)
		return -EINVAL;
	result = eft_caller_groups(size, (unsigned *)list); /* a host checks */
	if (result != -ENOSYS)
		return result;
	eft_mutex_lock(&more.lock);
	result = size > 0 && size < more.count ? -EINVAL : more.count;
	if (result > 0 && size > 0 &&
	    eft_copy_out(list, more.list, more.count * sizeof(*list)) != 0)
		result = -EFAULT;
	eft_mutex_unlock(&more.lock);
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Unmounting.
 */
#include "core/lib.h"
#include "core/log.h"
#include "core/vfs/vfs.h"

void eft_mount_release(struct eft_mount *mount)
{
	eft_assert(mount->covered.mount == NULL && mount->writers == 0);
	eft_node_put(&mount->root->node);
	eft_super_put(mount->super);
	if (mount->source == (const char *)(mount + 1))
		eft_free(mount); /* else boot's */
}

/* What a file system that is not to be written must not have. */
void eft_mount_count_writer(const struct eft_node_file *nf, int more)
{
	if ((nf->file.flags & O_PATH) ||
	    (nf->file.flags & O_ACCMODE) == O_RDONLY ||
	    !eft_node_is(nf->place.node, S_IFREG))
		return;
	__atomic_fetch_add(&nf->place.mount->writers, (uint32_t)more,
			   __ATOMIC_SEQ_CST);
}

/* Take (mount) out of the table, and hand on what it covers. */
static void detach_locked(struct eft_mount *mount,
			  struct eft_place *ret_covered)
{
	struct eft_mount *before = &eft_root_mount;

	while (before->next != mount)
		before = before->next;
	before->next = mount->next;
	mount->next = NULL;
	if (eft_mount_table.last == mount)
		eft_mount_table.last = before;
	*ret_covered = mount->covered;
	mount->covered = (struct eft_place){.mount = NULL};
	if (ret_covered->dentry != NULL)
		ret_covered->dentry->mounts--;
}

/* What is mounted in (mount), or NULL. */
static struct eft_mount *find_in_locked(const struct eft_mount *mount)
{
	struct eft_mount *at = &eft_root_mount;

	while (at != NULL && at->covered.mount != mount)
		at = at->next;
	return at;
}

/*
 * Detach (mount), unless (lazy) is false and it is in use by more than (users);
 * or what is mounted in it before: *ret_last says which.
 */
static int detach_one(struct eft_mount *mount, bool lazy, uint32_t users,
		      bool *ret_last)
{
	struct eft_mount *victim = mount, *in;
	struct eft_place covered = {.mount = NULL};
	int error = 0;

	eft_lock(&eft_mount_table.lock);
	while (lazy && (in = find_in_locked(victim)) != NULL)
		victim = in;
	if (mount->covered.mount == NULL)
		error = -EINVAL; /* somebody was quicker */
	else if (!lazy &&
		 __atomic_load_n(&mount->references, __ATOMIC_ACQUIRE) > users)
		error = -EBUSY;
	else
		detach_locked(victim, &covered);
	eft_unlock(&eft_mount_table.lock);
	*ret_last = victim == mount;
	if (error != 0)
		return error;
	eft_dentry_put(covered.dentry);
	eft_node_put(covered.node);
	eft_mount_put(covered.mount);
	eft_mount_put(victim); /* the table's count */
	return 0;
}

int eft_umount(struct eft_file *target, int flags)
{
	enum { USERS = 2 }; /* the table and (target) */
	const struct eft_place *place = eft_place_of(target);
	bool lazy = flags & MNT_DETACH, last = false;
	struct eft_mount *mount;
	int error = 0;

	if (place == NULL || !eft_node_is(place->node, S_IFDIR) ||
	    eft_node_dir(place->node) != place->mount->root)
		return -EINVAL;
	mount = place->mount;
	if (mount == &eft_root_mount)
		return lazy ? -EINVAL : -EBUSY;
	eft_rename_lock();
	while (error == 0 && !last)
		error = detach_one(mount, lazy, USERS, &last);
	eft_rename_unlock();
	return error;
}

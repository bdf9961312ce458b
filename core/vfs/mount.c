// SPDX-License-Identifier: BSD-3-Clause
/*
 * The mount table. It changes with the rename mutex held, so that who holds
 * that may go up; a spin lock is for those who go down, or look at all.
 */
#include "core/lib.h"
#include "core/log.h"
#include "core/vfs/vfs.h"

static struct eft_mutex rename_mutex =
	EFT_MUTEX_INIT(rename_mutex, EFT_RANK_RENAME);

/* Only images that mount, or ask for it, have it. */
#pragma weak eft_ramfs_type

static struct eft_super root_super = {.type = &eft_ramfs_type, .references = 1};

struct eft_mount eft_root_mount = {
	.super = &root_super,
	.references = 1,
	.id = 1,
	.source = "rootfs",
};

struct eft_mount_table eft_mount_table = {
	.lock = EFT_LOCK_INIT(EFT_RANK_MOUNTS),
	.last = &eft_root_mount,
	.last_id = 1,
	.last_dev = EFT_ROOT_DEV,
};

void eft_rename_lock(void)
{
	eft_mutex_lock(&rename_mutex);
}

void eft_rename_unlock(void)
{
	eft_mutex_unlock(&rename_mutex);
}

bool eft_rename_is_locked(void)
{
	return eft_mutex_holder(&rename_mutex) != NULL;
}

struct eft_mount *eft_mount_get(struct eft_mount *mount)
{
	__atomic_fetch_add(&mount->references, 1, __ATOMIC_RELAXED);
	return mount;
}

/* Only images that unmount have it. */
#pragma weak eft_mount_release

void eft_mount_put(struct eft_mount *mount)
{
	uint32_t before =
		__atomic_fetch_sub(&mount->references, 1, __ATOMIC_ACQ_REL);

	if (before == 1)
		eft_mount_release(mount);
}

/* What is mounted on (dentry) of (mount), or NULL. */
static struct eft_mount *find_over_locked(const struct eft_mount *mount,
					  const struct eft_dentry *dentry)
{
	struct eft_mount *at = &eft_root_mount;

	while (at != NULL &&
	       (at->covered.mount != mount || at->covered.dentry != dentry))
		at = at->next;
	return at;
}

struct eft_mount *eft_mount_over(struct eft_mount *mount,
				 struct eft_dentry *dentry)
{
	struct eft_mount *found = NULL, *next;

	eft_lock(&eft_mount_table.lock);
	while ((next = find_over_locked(mount, dentry)) != NULL) {
		found = mount = next;
		dentry = NULL;
	}
	if (found != NULL)
		eft_mount_get(found);
	eft_unlock(&eft_mount_table.lock);
	return found;
}

void eft_mount_attach(struct eft_mount *mount, const struct eft_place *covered)
{
	mount->references = 1;
	mount->covered = *covered;
	eft_lock(&eft_mount_table.lock);
	mount->id = ++eft_mount_table.last_id;
	eft_mount_table.last->next = mount;
	eft_mount_table.last = mount;
	if (covered->dentry != NULL)
		covered->dentry->mounts++;
	eft_unlock(&eft_mount_table.lock);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Descriptions of nodes, and the operations that all of them share.
 */
#include "core/log.h"
#include "core/vfs/notify.h"

/* Only images that mount have it. */
#pragma weak eft_mount_atime
#pragma weak eft_mount_count_writer
#pragma weak eft_mount_hides_device

void eft_node_file_init(struct eft_node_file *nf, const struct eft_place *place,
			const struct eft_file_ops *ops, int flags)
{
	eft_assert(place->dentry == NULL || place->dentry->node == place->node);
	eft_file_init(&nf->file, ops, flags);
	nf->place = *place;
	eft_mount_get(place->mount);
	eft_node_get(place->node);
	if (place->dentry != NULL)
		eft_dentry_get(place->dentry);
	if (eft_node_is(place->node, S_IFDIR))
		nf->file.fs = &eft_vfs_fs;
	if (eft_mount_count_writer != NULL)
		eft_mount_count_writer(nf, 1);
}

void eft_node_file_fini(struct eft_node_file *nf)
{
	if (eft_node_file_drop_locks != NULL)
		eft_node_file_drop_locks(&nf->file);
	if (eft_mount_count_writer != NULL)
		eft_mount_count_writer(nf, -1);
	eft_dentry_put(nf->place.dentry);
	eft_node_put(nf->place.node);
	eft_mount_put(nf->place.mount);
}

int eft_node_open_by(const struct eft_place *place,
		     const struct eft_file_ops *ops, int flags,
		     struct eft_file **ret_file)
{
	struct eft_node_file *nf;

	if (eft_watch_ops != NULL && !(flags & O_PATH))
		ops = eft_watch_ops(place, ops);
	eft_assert(ops->stat == eft_node_file_stat);
	nf = eft_alloc(sizeof(*nf));
	if (nf == NULL)
		return -ENOMEM;
	eft_node_file_init(nf, place, ops, flags);
	*ret_file = &nf->file;
	return 0;
}

int eft_node_open(const struct eft_place *place, int flags,
		  struct eft_file **ret_file)
{
	const struct eft_node_type *type = place->node->type;
	const struct eft_file_ops *ops = type->file_ops;

	/* It can be asked about, and walked from: all that a directory can. */
	if (flags & O_PATH)
		ops = &eft_dir_ops;
	else if (eft_mount_hides_device != NULL &&
		 eft_mount_hides_device(place))
		return -EACCES;
	else if (type->open != NULL)
		return type->open(place, flags, ret_file);
	if (ops == NULL)
		return -ENXIO;
	return eft_node_open_by(place, ops, flags, ret_file);
}

static bool is_later(const struct eft_timespec *a, const struct eft_timespec *b)
{
	return a->sec > b->sec || (a->sec == b->sec && a->nsec > b->nsec);
}

bool eft_node_file_accessed_locked(const struct eft_node_file *nf)
{
	struct eft_node *node = nf->place.node;
	enum eft_atime rule = EFT_ATIME_RELATIVE;

	if (eft_mount_atime != NULL)
		rule = eft_mount_atime(&nf->place);
	if (nf->file.flags & O_NOATIME || rule == EFT_ATIME_NEVER)
		return false;
	if (rule == EFT_ATIME_RELATIVE &&
	    is_later(&node->atime, &node->mtime) &&
	    is_later(&node->atime, &node->ctime))
		return false;
	node->atime = eft_node_now();
	return true;
}

struct eft_place *eft_place_of(struct eft_file *file)
{
	if (file->ops->stat != eft_node_file_stat)
		return NULL;
	return &eft_node_file(file)->place;
}

int eft_node_file_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	return eft_node_stat(eft_node_file(file)->place.node, ret_stat);
}

void eft_node_file_release(struct eft_file *file)
{
	struct eft_node_file *nf = eft_node_file(file);

	eft_node_file_fini(nf);
	eft_free(nf);
}

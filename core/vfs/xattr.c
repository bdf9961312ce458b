// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes, of whatever a path or a descriptor leads to.
 */
#include "core/xattr.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/lib.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

/* Only images that mount them have these. */
#pragma weak eft_devfs_type
#pragma weak eft_ext4_type
#pragma weak eft_ext4_xattrs
#pragma weak eft_folder_type
#pragma weak eft_folder_xattrs
#pragma weak eft_ninep_type
#pragma weak eft_ninep_xattrs
#pragma weak eft_virtiofs_type
#pragma weak eft_virtiofs_xattrs

/*
 * Types of file systems that have some. (own): of nodes of their own only, with
 * operations by name; what is open of a device there is a node in memory.
 */
static const struct {
	const struct eft_fs_type *type;
	const struct eft_xattr_ops *ops;
	bool own;
} kinds[] = {
	{&eft_ramfs_type, &eft_ramfs_xattrs, false},
	{&eft_ramfs_old_type, &eft_ramfs_xattrs, false},
	{&eft_devfs_type, &eft_ramfs_xattrs, false},
	{&eft_folder_type, &eft_folder_xattrs, true},
	{&eft_ext4_type, &eft_ext4_xattrs, true},
	{&eft_ninep_type, &eft_ninep_xattrs, true},
	{&eft_virtiofs_type, &eft_virtiofs_xattrs, true},
};

static const struct eft_xattr_ops *ops_of(const struct eft_place *place)
{
	const struct eft_fs_type *type = place->mount->super->type;

	for (size_t i = 0; i < eft_array_size(kinds); i++) {
		if (type == NULL || kinds[i].type != type)
			continue;
		return kinds[i].own && place->node->type->names == NULL
			       ? NULL
			       : kinds[i].ops;
	}
	return NULL;
}

static bool changes(const struct eft_xattr_call *call)
{
	return call->operation == EFT_XATTR_SET ||
	       call->operation == EFT_XATTR_REMOVE;
}

/* May a file of this (mode) have such a name? xattr(7) */
static int check_name(const struct eft_xattr_call *call, uint32_t mode)
{
	uint32_t type = mode & S_IFMT;

	if (call->operation == EFT_XATTR_LIST ||
	    !eft_starts_with(call->name, "user.") || type == S_IFREG ||
	    type == S_IFDIR)
		return 0;
	return changes(call) ? -EPERM : -ENODATA;
}

/* Is its namespace one that there is? */
static int check_namespace(const char *name)
{
	static const char *const known[] = {"user.", "trusted.", "security."};

	for (size_t i = 0; i < eft_array_size(known); i++) {
		if (eft_starts_with(name, known[i]))
			return name[eft_strlen(known[i])] != '\0' ? 0 : -EINVAL;
	}
	return -EOPNOTSUPP;
}

static ssize_t call_locked(struct eft_node *node,
			   const struct eft_xattr_ops *ops,
			   const struct eft_xattr_call *call)
{
	int error;

	switch (call->operation) {
	case EFT_XATTR_GET:
		return ops->get(node, call->name, call->data, call->size);
	case EFT_XATTR_LIST:
		return ops->list(node, call->data, call->size);
	case EFT_XATTR_SET:
		error = ops->set(node, call->name, call->data, call->size,
				 call->flags);
		break;
	default:
		error = ops->set(node, call->name, NULL, 0, EFT_XATTR_REPLACE);
	}
	if (error == 0)
		node->ctime = eft_node_now();
	return error;
}

static ssize_t call_node(const struct eft_place *place,
			 const struct eft_xattr_call *call)
{
	const struct eft_xattr_ops *ops = ops_of(place);
	struct eft_node *node = place->node;
	ssize_t result;

	if (changes(call) && eft_mount_is_read_only(place->mount))
		return -EROFS;
	result = check_name(call, node->mode);
	if (result != 0)
		return result;
	if (call->operation != EFT_XATTR_LIST) {
		result =
			ops != NULL ? check_namespace(call->name) : -EOPNOTSUPP;
		if (result != 0)
			return result;
	} else if (ops == NULL) {
		return 0;
	}
	eft_mutex_lock(&node->lock);
	result = call_locked(node, ops, call);
	eft_mutex_unlock(&node->lock);
	return result;
}

/* What is no node, as a pipe, has none. */
static ssize_t call_other(struct eft_file *file,
			  const struct eft_xattr_call *call)
{
	struct eft_stat st;
	int error = file->ops->stat(file, &st);

	if (error == 0)
		error = check_name(call, st.mode);
	if (error != 0)
		return error;
	return call->operation == EFT_XATTR_LIST ? 0 : -EOPNOTSUPP;
}

ssize_t eft_xattr(struct eft_file *file, const struct eft_xattr_call *call)
{
	const struct eft_place *place = eft_place_of(file);

	if (place != NULL)
		return call_node(place, call);
	if (file->ops->stat == eft_hostfile_ops.stat)
		return eft_hostfile_xattr(file, call);
	return call_other(file, call);
}

ssize_t eft_xattr_at(struct eft_file *at, const char *path, bool follow,
		     const struct eft_xattr_call *call)
{
	struct eft_file *file;
	ssize_t result;

	if (at->fs == &eft_hostfs)
		return eft_hostfs_xattr(at, path, follow, call);
	result = at->fs->open(at, path, O_PATH | (follow ? 0 : O_NOFOLLOW), 0,
			      &file);
	if (result < 0)
		return result;
	result = eft_xattr(file, call);
	eft_file_put(file);
	return result;
}

int eft_xattr_add_name(char *names, size_t size, size_t *used,
		       const char *prefix, const char *name, size_t len)
{
	size_t prefix_len = eft_strlen(prefix), all = prefix_len + len + 1;

	if (size > 0) {
		if (all > size - *used)
			return -ERANGE;
		memcpy(names + *used, prefix, prefix_len);
		memcpy(names + *used + prefix_len, name, len);
		names[*used + all - 1] = '\0';
	}
	*used += all;
	return 0;
}

ssize_t eft_xattr_give(void *to, size_t size, const void *value, size_t len)
{
	if (size == 0)
		return (ssize_t)len;
	if (len > size)
		return -ERANGE;
	memcpy(to, value, len);
	return (ssize_t)len;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes of nodes in memory: a list of each node's.
 */
#include "core/xattr.h"
#include "core/lib.h"
#include "core/vfs/vfs.h"

struct eft_ramfs_xattr {
	struct eft_ramfs_xattr *next;
	size_t size;	  /* of the value, */
	const char *name; /* which comes first in the text */
	uint8_t value[];
};

/* Where (name) hangs on, or would. */
static struct eft_ramfs_xattr **find(struct eft_node *node, const char *name)
{
	struct eft_ramfs_xattr **at = &node->xattrs;

	while (*at != NULL && eft_strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static ssize_t ramfs_get(struct eft_node *node, const char *name, void *value,
			 size_t size)
{
	const struct eft_ramfs_xattr *found = *find(node, name);

	return found != NULL
		       ? eft_xattr_give(value, size, found->value, found->size)
		       : -ENODATA;
}

static struct eft_ramfs_xattr *create(const char *name, const void *value,
				      size_t size)
{
	size_t len = eft_strlen(name) + 1;
	struct eft_ramfs_xattr *made = eft_alloc(sizeof(*made) + size + len);

	if (made == NULL)
		return NULL;
	made->size = size;
	memcpy(made->value, value, size);
	memcpy(made->value + size, name, len);
	made->name = (const char *)made->value + size;
	return made;
}

static int ramfs_set(struct eft_node *node, const char *name, const void *value,
		     size_t size, int flags)
{
	struct eft_ramfs_xattr **at = find(node, name), *old = *at, *made;

	if (old != NULL && (flags & EFT_XATTR_CREATE))
		return -EEXIST;
	if (old == NULL && (flags & EFT_XATTR_REPLACE))
		return -ENODATA;
	made = old != NULL ? old->next : NULL;
	if (value != NULL) {
		struct eft_ramfs_xattr *next = made;

		made = create(name, value, size);
		if (made == NULL)
			return -ENOMEM;
		made->next = next;
	}
	*at = made;
	eft_free(old);
	return 0;
}

static ssize_t ramfs_list(struct eft_node *node, char *names, size_t size)
{
	size_t used = 0;
	int error = 0;

	for (const struct eft_ramfs_xattr *at = node->xattrs;
	     at != NULL && error == 0; at = at->next)
		error = eft_xattr_add_name(names, size, &used, "", at->name,
					   eft_strlen(at->name));
	return error == 0 ? (ssize_t)used : error;
}

void eft_ramfs_xattrs_free(struct eft_node *node)
{
	struct eft_ramfs_xattr *at;

	while ((at = node->xattrs) != NULL) {
		node->xattrs = at->next;
		eft_free(at);
	}
}

const struct eft_xattr_ops eft_ramfs_xattrs = {
	.get = ramfs_get,
	.set = ramfs_set,
	.list = ramfs_list,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * cpio archives into the root in memory. Regular files borrow their contents from the
 * archive, which stays in memory.
 *
 * In a cpio, the names of one file are entries of one inode number; the last
 * of them has the contents. Numbers are good within one archive.
 */
#include "core/fs/initrd/decode.h"
#include "core/log.h"
#include "core/vfs/components.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

/* Only images that were linked with a decoder have them. */
#pragma weak eft_initrd_next
#pragma weak eft_initrd_fill

/* A file that has several names, in the archive that is being unpacked. */
struct shared {
	struct eft_treap_node tree_node; /* key: device and inode number */
	struct eft_node *node;		 /* counted */
};

struct unpacker {
	struct eft_cpio cpio;
	struct eft_treap shared;
	const char *problem; /* beyond the archive's form */
};

static void forget_shared(struct unpacker *up)
{
	struct eft_treap_node *node;

	while ((node = eft_treap_first(&up->shared)) != NULL) {
		struct shared *shared =
			eft_container_of(node, struct shared, tree_node);

		eft_treap_remove(&up->shared, node);
		eft_node_put(shared->node);
		eft_free(shared);
	}
}

static uint64_t identity_of(const struct eft_cpio_entry *entry)
{
	uint32_t dev = entry->dev_major << 20 ^ entry->dev_minor;

	return (uint64_t)dev << 32 | entry->ino;
}

/* The node that another name of this file has made, counted, or NULL. */
static struct eft_node *find_shared(struct unpacker *up,
				    const struct eft_cpio_entry *entry)
{
	uint64_t key = identity_of(entry);
	struct eft_treap_node *node = eft_treap_at_or_after(&up->shared, key);

	if (node == NULL || node->key != key)
		return NULL;
	return eft_node_get(
		eft_container_of(node, struct shared, tree_node)->node);
}

static int remember_shared(struct unpacker *up, struct eft_node *node,
			   const struct eft_cpio_entry *entry)
{
	struct shared *shared = eft_alloc(sizeof(*shared));

	if (shared == NULL)
		return -ENOMEM;
	shared->node = eft_node_get(node);
	eft_treap_insert(&up->shared, &shared->tree_node, identity_of(entry));
	return 0;
}

/* A regular file's node; the same for all its names. NULL: no memory. */
static struct eft_node *regular_node(struct unpacker *up,
				     const struct eft_cpio_entry *entry)
{
	struct eft_node *node = NULL;

	if (entry->nlink > 1)
		node = find_shared(up, entry);
	if (node == NULL) {
		node = eft_ramfs_create(entry->mode);
		if (node == NULL)
			return NULL;
		if (entry->nlink > 1 && remember_shared(up, node, entry) != 0) {
			eft_node_put(node);
			return NULL;
		}
	}
	if (entry->size > 0)
		(eft_initrd_fill != NULL ? eft_initrd_fill : eft_ramfs_borrow)(
			node, entry->data, entry->size);
	return node;
}

static void set_attributes(struct eft_node *node,
			   const struct eft_cpio_entry *entry)
{
	node->mode = (node->mode & S_IFMT) | (entry->mode & 07777);
	node->uid = entry->uid;
	node->gid = entry->gid;
	node->mtime = (struct eft_timespec){.sec = entry->mtime};
	node->atime = node->ctime = node->mtime;
}

static int add_directory(const char *path, const struct eft_cpio_entry *entry)
{
	struct eft_node *node;
	int error = eft_vfs_add(eft_root_mount.root, path, NULL, 0755, &node);

	if (error != 0)
		return error;
	set_attributes(node, entry);
	eft_node_put(node);
	return 0;
}

static int add_node(struct unpacker *up, const char *path,
		    const struct eft_cpio_entry *entry)
{
	struct eft_node_spec spec = {
		.mode = entry->mode,
		.gid = UINT32_MAX,
		.rdev = entry->rdev_major << 8 | entry->rdev_minor,
		.target = entry->data,
		.target_len = entry->size,
	};
	struct eft_node *node = NULL;
	int error = 0;

	if ((entry->mode & S_IFMT) == S_IFLNK &&
	    (entry->size == 0 || entry->size >= PATH_MAX))
		return -EINVAL;
	switch (entry->mode & S_IFMT) {
	case S_IFDIR:
		return add_directory(path, entry);
	case S_IFREG:
		node = regular_node(up, entry);
		break;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFLNK:
	case S_IFIFO:
	case S_IFSOCK:
		error = eft_ramfs_create_node(eft_root_mount.root, entry->name,
					      0, &spec, &node);
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (error == 0 && node == NULL)
		error = -ENOMEM;
	if (error != 0)
		return error;
	set_attributes(node, entry);
	return eft_vfs_add(eft_root_mount.root, path, node, 0755, NULL);
}

/* True when a component of (path) is `..`. */
static bool has_dotdot(const char *path)
{
	while (*path != '\0') {
		size_t len = eft_component_len(path);

		if (len == 2 && path[0] == '.' && path[1] == '.')
			return true;
		path += len + (path[len] == '/');
	}
	return false;
}

static int add_entry(struct unpacker *up, const struct eft_cpio_entry *entry)
{
	const char *path = entry->name;
	int error;

	eft_assert(path != NULL);
	if (has_dotdot(path)) {
		up->problem = "a name with .. is refused";
		return -EINVAL;
	}
	error = add_node(up, path, entry);
	if (error == -ENOMEM)
		up->problem = "no memory is left";
	else if (error == -ENOTDIR)
		up->problem = "a part of the name is no directory";
	else if (error == -EEXIST)
		up->problem = "a directory of that name exists";
	else if (error != 0)
		up->problem = "an entry of this kind is not supported";
	return error;
}

/* Say what is wrong, and where. */
static void explain(const struct unpacker *up, char *message, size_t size)
{
	const struct eft_cpio *cpio = &up->cpio;
	const char *problem = up->problem != NULL ? up->problem : cpio->message;

	eft_snprintf(message, size,
		     *cpio->entry != '\0' ? "entry \"%.128s\" at byte %zu: %s"
					  : "%sat byte %zu: %s",
		     cpio->entry, cpio->entry_at, problem);
}

int eft_initrd_unpack(const void *data, size_t len, char *message,
		      size_t message_size)
{
	struct unpacker up = {.problem = NULL};
	struct eft_cpio_entry entry;
	int result;

	eft_cpio_init(&up.cpio, data, len);
	while ((result = (eft_initrd_next != NULL
				  ? eft_initrd_next
				  : eft_cpio_next)(&up.cpio, &entry)) > 0) {
		if (entry.name == NULL) {
			forget_shared(&up);
			continue;
		}
		result = add_entry(&up, &entry);
		if (result != 0)
			break;
	}
	forget_shared(&up);
	if (result < 0)
		explain(&up, message, message_size);
	return result;
}

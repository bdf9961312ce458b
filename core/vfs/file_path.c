// SPDX-License-Identifier: BSD-3-Clause
/*
 * From a description to its path: in images that ask for it, or that map files,
 * whose paths /proc/self/maps shows.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/lib.h"
#include "core/vfs/vfs.h"

eft_needs(eft_hostfile_path);

/*
 * A path is written from its end: the names up to the root, each before the
 * one that was written last.
 */
struct path_writer {
	char *buf;
	size_t at; /* where the text begins; it ends at the buffer's end */
	bool overflow;
};

static void put_before(struct path_writer *out, const char *s, size_t len)
{
	if (len > out->at) {
		out->overflow = true;
		return;
	}
	out->at -= len;
	memcpy(out->buf + out->at, s, len);
}

/*
 * Put the name of (dir), which is no root, and go up: false if it has none. One
 * that is removed meanwhile loses its entry, but not while the directory above
 * is locked; (opened), NULL: unknown, is counted, and serves it then.
 */
static bool put_name(struct path_writer *out, const struct eft_dir **dir,
		     const struct eft_dentry *opened)
{
	struct eft_dir *parent = (*dir)->parent;
	const struct eft_dentry *dentry;

	if (parent == NULL)
		return false;
	eft_mutex_lock(&parent->lock);
	dentry = (*dir)->self != NULL ? (*dir)->self : opened;
	if (dentry != NULL) {
		put_before(out, dentry->name, dentry->len);
		put_before(out, "/", 1);
	}
	eft_mutex_unlock(&parent->lock);
	*dir = parent;
	return dentry != NULL;
}

/*
 * Put the path of (place), up to the root and out of the mounts on the way.
 * Under the rename mutex names and parents stay.
 */
static void put_path_locked(struct path_writer *out,
			    const struct eft_place *place)
{
	static const char deleted[] = " (deleted)";
	const struct eft_mount *mount = place->mount;
	const struct eft_dentry *dentry = place->dentry;
	const struct eft_dir *dir = NULL;
	bool is_removed = dentry == NULL || !dentry->linked;

	if (eft_node_is(place->node, S_IFDIR)) {
		/* It has one name; it may have got it after this opening. */
		dir = eft_node_dir(place->node);
		is_removed = dir->self == NULL && dir != mount->root;
	}
	if (is_removed)
		put_before(out, deleted, sizeof(deleted) - 1);
	if (dir == NULL && dentry != NULL) {
		put_before(out, dentry->name, dentry->len);
		put_before(out, "/", 1);
		dir = dentry->dir;
		dentry = NULL;
	}
	while (dir != NULL) {
		while (dir == mount->root && mount->covered.mount != NULL) {
			dir = eft_node_dir(mount->covered.node);
			dentry = mount->covered.dentry;
			mount = mount->covered.mount;
		}
		if (dir == mount->root || !put_name(out, &dir, dentry))
			return;
		dentry = NULL;
	}
}

ssize_t eft_node_file_path(struct eft_file *file, char *buf, size_t size)
{
	struct path_writer out = {.buf = buf, .at = size};

	eft_rename_lock();
	put_path_locked(&out, &eft_node_file(file)->place);
	eft_rename_unlock();
	if (out.at == size)
		put_before(&out, "/", 1);
	memmove(buf, buf + out.at, size - out.at);
	return out.overflow ? -ENAMETOOLONG : (ssize_t)(size - out.at);
}

ssize_t eft_file_path(struct eft_file *file, char *buf, size_t size)
{
	if (file->ops->path == NULL)
		return -ENOENT;
	return file->ops->path(file, buf, size);
}

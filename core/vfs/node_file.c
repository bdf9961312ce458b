// SPDX-License-Identifier: BSD-3-Clause
/*
 * Descriptions of nodes, and the operations that all of them share.
 */
#include "core/log.h"
#include "core/vfs/vfs.h"

/* Only images that mount have it. */
#pragma weak eft_mount_count_writer

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
	else if (type->open != NULL)
		return type->open(place, flags, ret_file);
	if (ops == NULL)
		return -ENXIO;
	return eft_node_open_by(place, ops, flags, ret_file);
}

struct eft_place *eft_place_of(struct eft_file *file)
{
	if (file->ops->path != eft_node_file_path)
		return NULL;
	return &eft_node_file(file)->place;
}

int eft_node_file_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	eft_node_stat(eft_node_file(file)->place.node, ret_stat);
	return 0;
}

void eft_node_file_release(struct eft_file *file)
{
	struct eft_node_file *nf = eft_node_file(file);

	eft_node_file_fini(nf);
	eft_free(nf);
}

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

	if (eft_node_is(place->node, S_IFDIR)) {
		/* It has one name; it may have got it after this opening. */
		dir = eft_node_dir(place->node);
		if (dir->self != NULL)
			dentry = dir->self;
	}
	if (dir != mount->root && (dentry == NULL || !dentry->linked))
		put_before(out, deleted, sizeof(deleted) - 1);
	for (;;) {
		while (dir == mount->root && mount->covered.mount != NULL) {
			dir = eft_node_dir(mount->covered.node);
			dentry = mount->covered.dentry;
			mount = mount->covered.mount;
		}
		if (dir == mount->root || dentry == NULL)
			return;
		put_before(out, dentry->name, dentry->len);
		put_before(out, "/", 1);
		dir = dentry->dir;
		dentry = dir->self;
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

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Descriptions of the tree's nodes, and the operations that all of them share.
 */
#include "core/log.h"
#include "core/vfs/vfs.h"

void eft_node_file_init(struct eft_node_file *nf, struct eft_node *node,
			struct eft_dentry *dentry,
			const struct eft_file_ops *ops, int flags)
{
	eft_assert(dentry == NULL || dentry->node == node);
	eft_file_init(&nf->file, ops, flags);
	nf->node = eft_node_get(node);
	nf->dentry = dentry != NULL ? eft_dentry_get(dentry) : NULL;
	if (eft_node_is(node, S_IFDIR))
		nf->file.fs = &eft_tree_fs;
}

void eft_node_file_fini(struct eft_node_file *nf)
{
	if (eft_node_file_drop_locks != NULL)
		eft_node_file_drop_locks(&nf->file);
	eft_dentry_put(nf->dentry);
	eft_node_put(nf->node);
}

/* What O_PATH opens: it can be asked about, and walked from. */
static const struct eft_file_ops path_only_ops = {EFT_NODE_FILE_OPS};

int eft_node_open(struct eft_node *node, struct eft_dentry *dentry, int flags,
		  struct eft_file **ret_file)
{
	const struct eft_file_ops *ops = node->type->file_ops;
	struct eft_node_file *nf;

	if (flags & O_PATH)
		ops = &path_only_ops;
	else if (node->type->open != NULL)
		return node->type->open(node, dentry, flags, ret_file);
	if (ops == NULL)
		return -ENXIO;
	eft_assert(ops->path == eft_node_file_path);
	nf = eft_alloc(sizeof(*nf));
	if (nf == NULL)
		return -ENOMEM;
	eft_node_file_init(nf, node, dentry, ops, flags);
	*ret_file = &nf->file;
	return 0;
}

struct eft_node *eft_node_of(struct eft_file *file)
{
	if (file->ops->path != eft_node_file_path)
		return NULL;
	return eft_node_file(file)->node;
}

int eft_node_file_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	eft_node_stat(eft_node_file(file)->node, ret_stat);
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

ssize_t eft_node_file_path(struct eft_file *file, char *buf, size_t size)
{
	static const char deleted[] = " (deleted)";
	struct eft_node_file *nf = eft_node_file(file);
	struct path_writer out = {.buf = buf, .at = size};
	struct eft_dentry *dentry = nf->dentry;

	eft_tree_lock();
	/* A directory has one name; it may have got it after this opening. */
	if (eft_node_is(nf->node, S_IFDIR) &&
	    eft_node_dir(nf->node)->self != NULL)
		dentry = eft_node_dir(nf->node)->self;
	if (dentry != NULL ? !dentry->linked : nf->node != &eft_tree_root->node)
		put_before(&out, deleted, sizeof(deleted) - 1);
	for (; dentry != NULL; dentry = dentry->dir->self) {
		put_before(&out, dentry->name, dentry->len);
		put_before(&out, "/", 1);
	}
	eft_tree_unlock();
	if (out.at == size)
		put_before(&out, "/", 1);
	memmove(buf, buf + out.at, size - out.at);
	return out.overflow ? -ENAMETOOLONG : (ssize_t)(size - out.at);
}

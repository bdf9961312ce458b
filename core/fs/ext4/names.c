// SPDX-License-Identifier: BSD-3-Clause
/*
 * Operations by name. Each is one operation of the metadata (op.c), and so one
 * handle of the journal: after a crash all of it has happened, or nothing.
 *
 * CREDITS A change of a directory adds at most two leaves and an index node of
 *        each level to it, each with a bitmap, a descriptor and a path of
 *        extents; half of EFT_EXT4_OP_BLOCKS is more than that. Beside it there
 *        are four inodes, their bitmap and descriptor, and the superblock.
 * ROOM   What was freed and is not committed cannot be used yet. So who finds no
 *        room commits, and tries again, once.
 * LOCKS  The VFS has locked the directories, and the one that is to be removed.
 */
#include "core/fs/ext4/meta.h"

static struct eft_ext4_name name_of(const struct eft_dentry *dentry)
{
	return (struct eft_ext4_name){dentry->name, dentry->len};
}

static struct eft_ext4_inode *dir_inode(struct eft_dir *dir)
{
	return eft_ext4_inode(&dir->node);
}

static uint32_t number_of(const struct eft_ext4_inode *inode)
{
	return (uint32_t)inode->node.ino;
}

/* Is it where a name may lead? A directory has one name at most. */
static int check_found(struct eft_ext4_inode *dir, struct eft_ext4_inode *inode)
{
	if (number_of(inode) < inode->fs->first_inode ||
	    eft_get16(eft_ext4_raw(inode)->links) == 0)
		return eft_ext4_corrupt(dir->fs, "a name leads to no file");
	if (eft_node_is(&inode->node, S_IFDIR) &&
	    (inode == dir || inode->dir.self != NULL))
		return eft_ext4_corrupt(dir->fs, "a directory has two names");
	return 0;
}

static int ext4_lookup(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_node **ret_node)
{
	struct eft_ext4_inode *at = dir_inode(dir), *inode;
	uint32_t number;
	int error = eft_ext4_dir_find(at, (struct eft_ext4_name){name, len},
				      &number);

	if (error == 0)
		error = eft_ext4_inode_get(at->fs, number, &inode);
	if (error != 0)
		return error;
	error = check_found(at, inode);
	if (error != 0)
		eft_node_put(&inode->node);
	else
		*ret_node = &inode->node;
	return error;
}

/*
 * create()
 */

/* The text of a link that is too long for its inode. */
static int put_target(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		      const struct eft_node_spec *spec)
{
	struct eft_ext4_map map = {.count = 1, .state = EFT_EXT4_WRITTEN};
	struct eft_ext4_buffer *buffer;
	int error = eft_ext4_alloc_block(op, inode, eft_ext4_goal(inode, 0),
					 &map.first);

	if (error == 0)
		error = eft_ext4_fresh(op, map.first, &buffer);
	if (error != 0)
		return error;
	memcpy(buffer->data, spec->target, spec->target_len);
	eft_ext4_buffer_put(buffer);
	return eft_ext4_map_insert(op, inode, &map);
}

/* What belongs to an inode of this type, apart from names. */
static int put_contents(struct eft_ext4_op *op, struct eft_ext4_inode *parent,
			struct eft_ext4_inode *inode,
			const struct eft_node_spec *spec)
{
	int error;

	switch (spec->mode & S_IFMT) {
	case S_IFDIR:
		error = eft_ext4_dir_init(op, inode, number_of(parent));
		return error == 0 ? eft_ext4_inode_link(op, parent, 1) : error;
	case S_IFLNK:
		return spec->target_len >= EFT_EXT4_INODE_BLOCK_BYTES
			       ? put_target(op, inode, spec)
			       : 0;
	default:
		return 0;
	}
}

/* An orphan from the start, until it gets a name. */
static int leave_unnamed(struct eft_ext4_op *op, struct eft_ext4_inode *inode)
{
	int error = eft_ext4_inode_no_links(op, inode);

	return error == 0 ? eft_ext4_orphan_add(op, inode) : error;
}

static int make(struct eft_ext4_op *op, struct eft_ext4_inode *parent,
		struct eft_ext4_inode *inode, struct eft_ext4_name name,
		const struct eft_node_spec *spec)
{
	bool is_dir = (spec->mode & S_IFMT) == S_IFDIR;
	uint32_t number;
	int error = eft_ext4_inode_alloc(op, parent, is_dir, &number);

	if (error == 0)
		error = eft_ext4_inode_place_new(op, inode, number);
	if (error == 0)
		error = eft_ext4_inode_fill(op, inode, parent, spec);
	if (error == 0 && name.text == NULL)
		return leave_unnamed(op, inode);
	if (error == 0)
		error = put_contents(op, parent, inode, spec);
	if (error == 0)
		error = eft_ext4_dir_add(op, parent, name, number, spec->mode);
	if (error == 0)
		error = eft_ext4_inode_touch(op, parent,
					     EFT_EXT4_CTIME | EFT_EXT4_MTIME);
	return error;
}

static int create_once(struct eft_ext4_inode *parent, struct eft_ext4_name name,
		       const struct eft_node_spec *spec,
		       struct eft_node **ret_node)
{
	struct eft_ext4_inode *inode =
		eft_ext4_inode_new(parent->fs, spec->mode);
	struct eft_ext4_op op;
	int error;

	if (inode == NULL)
		return -ENOMEM;
	if (spec->gid != UINT32_MAX)
		inode->node.gid = spec->gid;
	inode->node.rdev = spec->rdev;
	error = eft_ext4_op_begin(parent->fs, EFT_EXT4_OP_BLOCKS, &op);
	if (error == 0)
		error = eft_ext4_op_end(&op,
					make(&op, parent, inode, name, spec));
	if (error != 0)
		eft_ext4_inode_discard(inode);
	else
		*ret_node = &inode->node;
	return error;
}

static int ext4_create(struct eft_dir *dir, const char *name, size_t len,
		       const struct eft_node_spec *spec,
		       struct eft_node **ret_node)
{
	struct eft_ext4_inode *parent = dir_inode(dir);
	unsigned tries = 0;
	int error;

	if ((spec->mode & S_IFMT) == S_IFDIR &&
	    !eft_ext4_inode_can_link(parent))
		return -EMLINK;
	if (spec->target_len > parent->fs->block_bytes - 1)
		return -ENAMETOOLONG; /* a link's block, as Linux's */
	do
		error = create_once(parent, (struct eft_ext4_name){name, len},
				    spec, ret_node);
	while (eft_ext4_try_again(parent->fs, error, &tries));
	return error;
}

/*
 * link() and unlink()
 */
static int add_link(struct eft_ext4_op *op, struct eft_ext4_inode *parent,
		    struct eft_ext4_name name, struct eft_ext4_inode *inode)
{
	int error = eft_ext4_inode_link(op, inode, 1);

	if (error == 0 && !eft_list_empty(&inode->orphan))
		error = eft_ext4_orphan_remove(op, inode);
	if (error == 0)
		error = eft_ext4_inode_touch(op, inode, EFT_EXT4_CTIME);
	if (error == 0)
		error = eft_ext4_dir_add(op, parent, name, number_of(inode),
					 inode->node.mode);
	if (error == 0)
		error = eft_ext4_inode_touch(op, parent,
					     EFT_EXT4_CTIME | EFT_EXT4_MTIME);
	return error;
}

static int ext4_link(struct eft_dir *dir, const char *name, size_t len,
		     struct eft_node *node)
{
	struct eft_ext4_inode *parent = dir_inode(dir),
			      *inode = eft_ext4_inode(node);
	struct eft_ext4_op op;
	unsigned tries = 0;
	int error;

	if (!eft_ext4_inode_can_link(inode))
		return -EMLINK;
	do {
		error = eft_ext4_op_begin(parent->fs, EFT_EXT4_OP_BLOCKS, &op);
		if (error == 0)
			error = eft_ext4_op_end(
				&op, add_link(&op, parent,
					      (struct eft_ext4_name){name, len},
					      inode));
	} while (eft_ext4_try_again(parent->fs, error, &tries));
	return error;
}

/* May it lose its last name? */
static int check_removable(struct eft_ext4_inode *inode)
{
	return eft_get32(eft_ext4_raw(inode)->flags) &
			       (EFT_EXT4_IMMUTABLE | EFT_EXT4_APPEND)
		       ? -EPERM
		       : 0;
}

/* (inode) has lost a name; the last one, of a directory. */
static int drop_link(struct eft_ext4_op *op, struct eft_ext4_inode *parent,
		     struct eft_ext4_inode *inode)
{
	int error;

	if (eft_node_is(&inode->node, S_IFDIR)) {
		error = eft_ext4_inode_link(op, parent, -1);
		if (error == 0)
			error = eft_ext4_inode_no_links(op, inode);
	} else {
		error = eft_ext4_inode_link(op, inode, -1);
	}
	if (error == 0)
		error = eft_ext4_inode_touch(op, inode, EFT_EXT4_CTIME);
	if (error == 0 && eft_get16(eft_ext4_raw(inode)->links) == 0)
		error = eft_ext4_orphan_add(op, inode);
	return error;
}

static int remove_name(struct eft_ext4_op *op, struct eft_ext4_inode *parent,
		       struct eft_ext4_name name, struct eft_ext4_inode *inode)
{
	int error = eft_ext4_dir_remove(op, parent, name);

	if (error == 0)
		error = drop_link(op, parent, inode);
	if (error == 0)
		error = eft_ext4_inode_touch(op, parent,
					     EFT_EXT4_CTIME | EFT_EXT4_MTIME);
	return error;
}

static int check_unlink(struct eft_ext4_inode *inode)
{
	int error = check_removable(inode);

	if (error == 0 && eft_node_is(&inode->node, S_IFDIR))
		error = eft_ext4_dir_check_empty(inode);
	return error;
}

static int ext4_unlink(struct eft_dentry *dentry)
{
	struct eft_ext4_inode *parent = dir_inode(dentry->dir),
			      *inode = eft_ext4_inode(dentry->node);
	struct eft_ext4_op op;
	int error = check_unlink(inode);

	if (error == 0)
		error = eft_ext4_op_begin(parent->fs, EFT_EXT4_OP_BLOCKS, &op);
	if (error != 0)
		return error;
	return eft_ext4_op_end(
		&op, remove_name(&op, parent, name_of(dentry), inode));
}

/*
 * rename()
 */

/* (inode) was in (old), and is in (new). */
static int move_dir(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		    struct eft_ext4_inode *old, struct eft_ext4_inode *new)
{
	int error;

	if (old == new || !eft_node_is(&inode->node, S_IFDIR))
		return 0;
	error = eft_ext4_dir_set_parent(op, inode, number_of(new));
	if (error == 0)
		error = eft_ext4_inode_link(op, old, -1);
	if (error == 0)
		error = eft_ext4_inode_link(op, new, 1);
	return error;
}

struct renaming {
	struct eft_ext4_inode *old, *new; /* the directories */
	struct eft_ext4_name old_name, new_name;
	struct eft_ext4_inode *inode, *target; /* or NULL */
};

static int touch_all(struct eft_ext4_op *op, const struct renaming *r)
{
	int error = eft_ext4_inode_touch(op, r->old,
					 EFT_EXT4_CTIME | EFT_EXT4_MTIME);

	if (error == 0 && r->new != r->old)
		error = eft_ext4_inode_touch(op, r->new,
					     EFT_EXT4_CTIME | EFT_EXT4_MTIME);
	return error == 0 ? eft_ext4_inode_touch(op, r->inode, EFT_EXT4_CTIME)
			  : error;
}

/* The new name first: that may move entries, the old one's too. */
static int move(struct eft_ext4_op *op, const struct renaming *r)
{
	uint32_t number = number_of(r->inode), mode = r->inode->node.mode;
	int error;

	if (r->target != NULL)
		error = eft_ext4_dir_replace(op, r->new, r->new_name, number,
					     mode);
	else
		error = eft_ext4_dir_add(op, r->new, r->new_name, number, mode);
	if (error == 0)
		error = eft_ext4_dir_remove(op, r->old, r->old_name);
	if (error == 0)
		error = move_dir(op, r->inode, r->old, r->new);
	if (error == 0 && r->target != NULL)
		error = drop_link(op, r->new, r->target);
	return error == 0 ? touch_all(op, r) : error;
}

static int exchange(struct eft_ext4_op *op, const struct renaming *r)
{
	int error =
		eft_ext4_dir_replace(op, r->new, r->new_name,
				     number_of(r->inode), r->inode->node.mode);

	if (error == 0)
		error = eft_ext4_dir_replace(op, r->old, r->old_name,
					     number_of(r->target),
					     r->target->node.mode);
	if (error == 0)
		error = move_dir(op, r->inode, r->old, r->new);
	if (error == 0)
		error = move_dir(op, r->target, r->new, r->old);
	if (error == 0)
		error = eft_ext4_inode_touch(op, r->target, EFT_EXT4_CTIME);
	return error == 0 ? touch_all(op, r) : error;
}

static int check_rename(const struct renaming *r, bool exchanges)
{
	bool is_dir = eft_node_is(&r->inode->node, S_IFDIR);

	if (r->target != NULL && !exchanges)
		return check_unlink(r->target);
	if (is_dir && r->target == NULL && r->old != r->new &&
	    !eft_ext4_inode_can_link(r->new))
		return -EMLINK;
	return 0;
}

static int ext4_rename(struct eft_dentry *from, struct eft_dir *dir,
		       const char *name, size_t len, struct eft_dentry *to,
		       bool exchanges)
{
	const struct renaming renaming = {
		.old = dir_inode(from->dir),
		.new = dir_inode(dir),
		.old_name = name_of(from),
		.new_name = {name, len},
		.inode = eft_ext4_inode(from->node),
		.target = to != NULL ? eft_ext4_inode(to->node) : NULL,
	};
	struct eft_ext4 *fs = renaming.old->fs;
	struct eft_ext4_op op;
	unsigned tries = 0;
	int error = check_rename(&renaming, exchanges);

	if (error != 0)
		return error;
	do {
		error = eft_ext4_op_begin(fs, EFT_EXT4_OP_BLOCKS, &op);
		if (error == 0)
			error = eft_ext4_op_end(
				&op, exchanges ? exchange(&op, &renaming)
					       : move(&op, &renaming));
	} while (eft_ext4_try_again(fs, error, &tries));
	return error;
}

static int ext4_set_attributes(struct eft_node *node,
			       const struct eft_stat *attributes,
			       unsigned which)
{
	struct eft_ext4_inode *inode = eft_ext4_inode(node);
	struct eft_ext4_op op;
	int error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);

	if (error != 0)
		return error;
	return eft_ext4_op_end(
		&op, eft_ext4_inode_set_attributes(&op, inode, attributes));
}

const struct eft_name_ops eft_ext4_names = {
	.find = eft_cache_find,
	.lookup = ext4_lookup,
	.create = ext4_create,
	.link = ext4_link,
	.unlink = ext4_unlink,
	.rename = ext4_rename,
	.set_attributes = ext4_set_attributes,
	.unnamed = true,
};

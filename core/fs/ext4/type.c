// SPDX-License-Identifier: BSD-3-Clause
/*
 * ext4 as a type of file systems that are mounted.
 */
#include "core/fs/ext4/meta.h"
#include "core/vfs/mount_option.h"
#include "core/vfs/root.h"

/* Who has it has disks, and says what to mount. */
eft_needs(eft_disks);
eft_needs(eft_mount_option);

/* Its attributes are there for whose calls ask for some (core/vfs/xattr.c). */
static const struct eft_xattr_ops *const needs_xattrs __attribute__((used)) =
	&eft_ext4_xattrs;

enum { MAGIC = EFT_EXT4_MAGIC }; /* linux/magic.h: EXT4_SUPER_MAGIC */

/* What Linux's mount knows and is so in any case. */
static const char *const usual_options[] = {
	"rw", "errors=remount-ro", "data=ordered", "delalloc", "barrier=1",
};

static bool is_word(const char *options, size_t len, const char *word)
{
	return eft_strlen(word) == len && memcmp(options, word, len) == 0;
}

static bool is_usual(const char *options, size_t len)
{
	for (size_t i = 0; i < eft_array_size(usual_options); i++) {
		if (is_word(options, len, usual_options[i]))
			return true;
	}
	return len == 0;
}

static int parse_options(const char *options, bool *ret_read_only)
{
	bool read_only = false;

	while (*options != '\0') {
		size_t len = 0;

		while (options[len] != '\0' && options[len] != ',')
			len++;
		if (is_word(options, len, "ro"))
			read_only = true;
		else if (!is_usual(options, len))
			return -EINVAL;
		options += len + (options[len] == ',');
	}
	*ret_read_only = read_only;
	return 0;
}

static int open_root(struct eft_ext4 *fs, struct eft_dir **ret_root)
{
	struct eft_ext4_inode *root;
	int error = eft_ext4_inode_get(fs, EFT_EXT4_ROOT_INODE, &root);

	if (error != 0)
		return error;
	if (!eft_node_is(&root->node, S_IFDIR)) {
		eft_node_put(&root->node);
		return eft_ext4_corrupt(fs, "the root is no directory");
	}
	root->dir.parent = &root->dir;
	*ret_root = &root->dir;
	return 0;
}

static void commit(struct eft_flusher *flusher)
{
	eft_ext4_commit(eft_container_of(flusher, struct eft_ext4, flusher));
}

static void end(struct eft_flusher *flusher)
{
	eft_ext4_end_use(eft_container_of(flusher, struct eft_ext4, flusher));
}

static int ext4_create(const char *source, const char *options, uint32_t dev,
		       struct eft_dir **ret_root)
{
	struct eft_disk *disk = eft_disk_find(source);
	struct eft_ext4 *fs;
	char message[96];
	bool read_only;
	int error = parse_options(options, &read_only);

	if (error != 0)
		return error;
	if (disk == NULL)
		return -ENOENT;
	error = eft_ext4_open(disk, read_only, message, sizeof(message), &fs);
	if (error != 0) {
		eft_log(EFT_LOG_ERROR, "ext4: %s: %s", source, message);
		return error;
	}
	fs->dev = dev;
	error = open_root(fs, ret_root);
	if (error != 0) {
		eft_ext4_close(fs);
		return error;
	}
	fs->mounted = true;
	fs->flusher.commit = commit;
	fs->flusher.end = end;
	eft_flusher_add(&fs->flusher);
	return 0;
}

/* The root's release closes it: whoever called this still counts it. */
static void ext4_destroy(struct eft_dir *root)
{
	eft_cache_leave_all(root);
}

/* As Linux makes 8 bytes of 16 (fs/ext4/super.c: uuid_to_fsid()). */
static void put_fsid(const uint8_t uuid[16], int32_t ret[2])
{
	uint64_t half[2];

	memcpy(half, uuid, sizeof(half));
	half[0] ^= half[1];
	memcpy(ret, half, sizeof(half[0]));
}

static int ext4_statfs(struct eft_node *root, struct eft_node *node,
		       struct eft_statfs *ret_statfs)
{
	const struct eft_ext4 *fs = eft_ext4_inode(root)->fs;
	uint64_t promised = fs->reserved / 32, free = fs->free_blocks;

	free -= eft_min(free, promised);
	*ret_statfs = (struct eft_statfs){
		.type = MAGIC,
		.bsize = fs->block_bytes,
		.frsize = fs->block_bytes,
		.blocks = fs->blocks - fs->overhead,
		.bfree = free,
		.bavail = free - eft_min(free, fs->reserved_blocks),
		.files = fs->inodes,
		.ffree = fs->free_inodes,
		.namelen = NAME_MAX,
	};
	put_fsid(eft_ext4_super(fs)->uuid, ret_statfs->fsid);
	return 0;
}

const struct eft_fs_type eft_ext4_type = {
	.name = "ext4",
	.magic = MAGIC,
	.create = ext4_create,
	.writes = true,
	.destroy = ext4_destroy,
	.statfs = ext4_statfs,
};

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Metadata: groups, blocks, inodes, extents, directories. Private to
 * core/fs/ext4.
 *
 * What is on the disk is looked at in its buffers, and there is no copy of it.
 * All of it is changed by operations (op.c). An error of the disk's contents is
 * -EUCLEAN, after eft_ext4_abort() has said what; of eft_ext4_edit() only
 * -ENOMEM can come.
 */
#include "core/cache.h"
#include "core/fs/ext4/ext4.h"
#include "core/fs/ext4/format.h"
#include "core/log.h"
#include "core/vfs/vfs.h"

/* What a buffer's contents were checked to be; an extent node: and its depth. */
enum eft_ext4_kind {
	EFT_EXT4_UNCHECKED,
	EFT_EXT4_SUPER,
	EFT_EXT4_DESCS,
	EFT_EXT4_INODES,
	EFT_EXT4_DIR_LEAF,
	EFT_EXT4_DIR_INDEX,
	EFT_EXT4_DIR_ROOT,
	EFT_EXT4_XATTRS,
	EFT_EXT4_LIST,
	EFT_EXT4_EXTENT_NODE,
};

/*
 * Operations: op.c.
 */
struct eft_ext4_inode;
struct eft_ext4_note;

struct eft_ext4_op {
	struct eft_ext4_handle handle;
	struct eft_ext4 *fs;
	bool promised; /* it may use what is reserved: write-back */

	/* op.c's own. */
	struct eft_ext4_notes *notes; /* the last ones first */
	int64_t blocks, inodes;	      /* more of them free */
	unsigned revokes;	      /* to come when it ends */
	struct eft_ext4_inode *orphan_added, *orphan_removed;
};

/* An operation by name changes at most so many buffers (names.c says why). */
enum { EFT_EXT4_OP_BLOCKS = 64 };
_Static_assert((int)EFT_EXT4_OP_BLOCKS <= (int)EFT_EXT4_HANDLE_BLOCKS, "");

/*
 * Begin an operation that changes (blocks) buffers at most: other changes wait
 * until it ends. Returns as eft_ext4_begin().
 */
int eft_ext4_op_begin(struct eft_ext4 *fs, unsigned blocks,
		      struct eft_ext4_op *op);
/* End it; all that it changed is as before, if (error) is not 0. Its error. */
int eft_ext4_op_end(struct eft_ext4_op *op, int error);
/*
 * (len) bytes of (buffer), to be changed until the operation ends: the only way
 * to do so. NULL: out of memory; or of blocks, and the file system is aborted.
 */
void *eft_ext4_edit(struct eft_ext4_op *op, struct eft_ext4_buffer *buffer,
		    size_t offset, size_t len);
/* The buffer of a block that the operation has allocated: zeroes. */
int eft_ext4_fresh(struct eft_ext4_op *op, uint64_t block,
		   struct eft_ext4_buffer **ret_buffer);

/* How many more blocks it may change. */
static inline unsigned eft_ext4_op_left(const struct eft_ext4_op *op)
{
	return op->handle.blocks > op->revokes ? op->handle.blocks - op->revokes
					       : 0;
}

/*
 * What a buffer is checked to be is asked, and noted, where it is read. Nothing
 * is two things at a time: a disk that says so could have one of them change
 * while it is in use as the other.
 */
static inline bool eft_ext4_is_checked(const struct eft_ext4_buffer *buffer,
				       enum eft_ext4_kind kind)
{
	return buffer->checked == kind;
}
int eft_ext4_set_checked(struct eft_ext4_buffer *buffer,
			 enum eft_ext4_kind kind);

static inline size_t eft_ext4_offset_in(const struct eft_ext4_buffer *buffer,
					const void *part)
{
	return (size_t)((const uint8_t *)part - buffer->data);
}

/*
 * Checksums: seal.c. Who has changed what one is of says so, and it is worked out
 * when that is committed: (buffer), which the operation has changed, is of (kind),
 * its checksum (bit) is wrong, and (from) is what that kind is worked out from.
 */
void eft_ext4_unseal(struct eft_ext4_buffer *buffer, enum eft_ext4_kind kind,
		     uint32_t from, unsigned bit);
static inline bool eft_ext4_is_unsealed(const struct eft_ext4_buffer *buffer,
					unsigned bit)
{
	return __atomic_load_n(&buffer->unsealed, __ATOMIC_ACQUIRE) >> bit & 1;
}
/* What is to be done for each kind then. */
void eft_ext4_super_seal(struct eft_ext4 *fs);
void eft_ext4_descs_seal(struct eft_ext4 *fs, uint32_t first_group);
void eft_ext4_inodes_seal(struct eft_ext4_buffer *buffer);
void eft_ext4_leaf_seal(struct eft_ext4_buffer *buffer);
void eft_ext4_htree_seal(struct eft_ext4_buffer *buffer, bool root);

/*
 * The superblock: super.c.
 */
static inline const struct eft_ext4_super *
eft_ext4_super(const struct eft_ext4 *fs)
{
	return (const void *)(fs->super->data + fs->super_offset);
}

/* Change it. NULL: out of memory. */
struct eft_ext4_super *eft_ext4_super_edit(struct eft_ext4_op *op);

/*
 * Open what is on (disk), recover and clean it up if it may be written.
 *
 * ret_fs    closed by eft_ext4_close(); no node of it is in use then
 * Returns   0; -EINVAL no ext4, or of a kind that (message) names; -EUCLEAN
 *           -EIO -ENOMEM -EROFS
 */
int eft_ext4_open(struct eft_disk *disk, bool read_only, char *message,
		  size_t message_bytes, struct eft_ext4 **ret_fs);
void eft_ext4_close(struct eft_ext4 *fs);
/* The program ends: leave the disk as if it was unmounted. */
void eft_ext4_end_use(struct eft_ext4 *fs);

/* (why), once for all of what (fs) says wrongly; -EUCLEAN. */
int eft_ext4_corrupt(struct eft_ext4 *fs, const char *why);

/*
 * Groups: group.c.
 */
const struct eft_ext4_desc *eft_ext4_desc(const struct eft_ext4 *fs,
					  uint32_t group);
struct eft_ext4_desc *eft_ext4_desc_edit(struct eft_ext4_op *op,
					 uint32_t group);

/* Have the descriptors in memory; then check them. */
int eft_ext4_groups_read(struct eft_ext4 *fs);
int eft_ext4_groups_check(struct eft_ext4 *fs);
void eft_ext4_groups_close(struct eft_ext4 *fs);
/* Is any of the blocks [first, first+count) a group's metadata? */
bool eft_ext4_is_group_metadata(const struct eft_ext4 *fs, uint64_t first,
				uint64_t count);

enum eft_ext4_bitmap { EFT_EXT4_BLOCK_BITMAP, EFT_EXT4_INODE_BITMAP };

/* A bitmap of (group), counted; checked, or made if there was none yet. */
int eft_ext4_bitmap(struct eft_ext4 *fs, uint32_t group,
		    enum eft_ext4_bitmap which,
		    struct eft_ext4_buffer **ret_buffer);
/*
 * Set (used) the bits [first, first+count), or clear them; the checksum and the
 * counts follow. -EUCLEAN one of them is so already.
 */
int eft_ext4_bitmap_set(struct eft_ext4_op *op, uint32_t group,
			enum eft_ext4_bitmap which,
			struct eft_ext4_buffer *buffer, uint32_t first,
			uint32_t count, bool used);
uint32_t eft_ext4_group_blocks(const struct eft_ext4 *fs, uint32_t group);
static inline bool eft_ext4_bit(const uint8_t *bits, uint32_t at)
{
	return bits[at / 8] >> (at % 8) & 1;
}
/* Of bit (at), which is set, how many are set from there on: some of them. */
static inline uint32_t eft_ext4_used_from(const uint8_t *bits, uint32_t at)
{
	uint64_t word;

	if (at % 64 != 0)
		return 1 + (bits[at / 8] == 0xff ? 7 - at % 8 : 0);
	memcpy(&word, bits + at / 8, sizeof(word));
	return word == UINT64_MAX ? 64 : (uint32_t)__builtin_ctzll(~word);
}

uint32_t eft_ext4_free_blocks_in(const struct eft_ext4 *fs, uint32_t group);
uint32_t eft_ext4_free_inodes_in(const struct eft_ext4 *fs, uint32_t group);
uint32_t eft_ext4_dirs_in(const struct eft_ext4 *fs, uint32_t group);
/* The first block of the inode table of (group). */
uint64_t eft_ext4_inode_table(const struct eft_ext4 *fs, uint32_t group);
/* (group) has (more) directories. */
int eft_ext4_count_dir(struct eft_ext4_op *op, uint32_t group, int more);
/* The inode (index) of the table is used, perhaps for the first time. */
int eft_ext4_use_table(struct eft_ext4_op *op, uint32_t group, uint32_t index);

/*
 * Blocks: balloc.c.
 */

/* May a file have [first, first+count)? */
bool eft_ext4_blocks_are_data(const struct eft_ext4 *fs, uint64_t first,
			      uint64_t count);
/*
 * Promise that there will be (count) blocks, and what their extents take.
 * Returns 0; -ENOSPC. Context: any.
 */
int eft_ext4_reserve(struct eft_ext4 *fs, uint64_t count);
void eft_ext4_unreserve(struct eft_ext4 *fs, uint64_t count);
/*
 * May what found no room be tried once more, as what was freed before is free
 * now? (tries), 0 at first, counts. Context: as eft_ext4_commit().
 */
bool eft_ext4_try_again(struct eft_ext4 *fs, int error, unsigned *tries);
/*
 * Take up to (want) free blocks in one run, near (goal), in memory only:
 * nobody else gets them. They are used, or untaken, whole or in parts.
 *
 * Returns   0; -ENOSPC -ENOMEM -EIO -EUCLEAN
 * Context   no operation of the caller's is under way
 */
int eft_ext4_take_blocks(struct eft_ext4 *fs, uint64_t goal, uint32_t want,
			 uint64_t *ret_first, uint32_t *ret_count);
void eft_ext4_untake_blocks(struct eft_ext4 *fs, uint64_t first,
			    uint32_t count);
/*
 * Mark what was taken as used, by (inode): it stays taken until it is untaken,
 * when the operation has ended.
 */
int eft_ext4_use_blocks(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			uint64_t first, uint32_t count);
/* Find and use a block of metadata of (inode), near (goal). */
int eft_ext4_alloc_block(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			 uint64_t goal, uint64_t *ret_block);
/*
 * Free blocks of (inode): others may have them when that has been committed.
 * (metadata): the journal is to forget them.
 */
int eft_ext4_free_blocks(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			 uint64_t first, uint32_t count, bool metadata);
/* With op.c: an operation has freed them; it ends. */
struct eft_ext4_freed;
int eft_ext4_op_note_freed(struct eft_ext4_op *op, struct eft_ext4_freed *freed,
			   unsigned revoked);
void eft_ext4_freed_end(struct eft_ext4_op *op, struct eft_ext4_freed *freed,
			int error);

/*
 * Inodes: ialloc.c, inode.c, icache.c.
 */
struct eft_ext4_inode {
	union {
		struct eft_node node; /* ino: its number */
		struct eft_dir dir;   /* a directory */
		struct {	      /* a regular file */
			struct eft_node file_node;
			struct eft_cached cached; /* its contents */
		};
	};
	bool times_changed; /* and are not in the buffer; atomic */
	struct eft_ext4 *fs;
	struct eft_treap_node by_number; /* owned by fs->inodes_lock */
	bool in_table;

	/* Where it is, counted; nobody else changes these bytes. */
	struct eft_ext4_buffer *buffer;
	uint32_t offset;
	uint32_t checksum_seed;
	bool root_checked; /* the extents in there were; atomic */
	/*
	 * A directory's, of whoever has locked it: where its blocks from here
	 * on are; it only grows.
	 */
	uint32_t known_block, known_count;
	uint64_t known_first;
	uint8_t hash_version; /* and one more; 0: it is not known yet */

	struct eft_mutex map;	  /* its extents */
	struct eft_list orphan;	  /* owned by fs->changes; alone: it is none */
	char *target;		  /* a symbolic link's, when it was asked for */
	struct eft_node *special; /* what opens a device or a FIFO */
};

static inline struct eft_ext4_inode *eft_ext4_inode(struct eft_node *node)
{
	return eft_container_of(node, struct eft_ext4_inode, node);
}

static inline const struct eft_ext4_raw_inode *
eft_ext4_raw(const struct eft_ext4_inode *inode)
{
	return (const void *)(inode->buffer->data + inode->offset);
}

/* Change it. NULL: out of memory. */
struct eft_ext4_raw_inode *eft_ext4_inode_edit(struct eft_ext4_op *op,
					       struct eft_ext4_inode *inode);
/* Is what it says believable? 0 or -EUCLEAN. */
int eft_ext4_inode_check(struct eft_ext4_inode *inode);

uint64_t eft_ext4_inode_size(const struct eft_ext4_inode *inode);
void eft_ext4_raw_set_size(struct eft_ext4_raw_inode *raw, uint64_t size);
/* In sectors of 512 bytes. */
uint64_t eft_ext4_inode_blocks(const struct eft_ext4_inode *inode);
/* It has (more) blocks of the file system's more, or less. */
int eft_ext4_inode_count_blocks(struct eft_ext4_op *op,
				struct eft_ext4_inode *inode, int64_t more);
uint64_t eft_ext4_inode_xattr(const struct eft_ext4_inode *inode);
/* It has (more) links, also if a directory has too many to be counted. */
int eft_ext4_inode_link(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			int more);
int eft_ext4_inode_no_links(struct eft_ext4_op *op,
			    struct eft_ext4_inode *inode);
bool eft_ext4_inode_can_link(const struct eft_ext4_inode *inode);

/* The times of what is on the disk, and their change to those of now. */
enum eft_ext4_times { EFT_EXT4_CTIME = 1, EFT_EXT4_MTIME = 2 };
void eft_ext4_raw_get_times(const struct eft_ext4_inode *inode,
			    struct eft_timespec *ret_atime,
			    struct eft_timespec *ret_mtime,
			    struct eft_timespec *ret_ctime);
int eft_ext4_inode_touch(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			 unsigned times);
/* Mode, owner and times. */
int eft_ext4_inode_set_attributes(struct eft_ext4_op *op,
				  struct eft_ext4_inode *inode,
				  const struct eft_stat *attributes);
/* The size, of contents that are on the disk by now, and the node's times. */
int eft_ext4_inode_put_contents(struct eft_ext4_op *op,
				struct eft_ext4_inode *inode, uint64_t size);
/* Fill in a new one, of (spec), of which nothing is there. */
int eft_ext4_inode_fill(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			const struct eft_ext4_inode *parent,
			const struct eft_node_spec *spec);

/* Where in the inode table (number) is; false: nowhere. */
bool eft_ext4_inode_place(const struct eft_ext4 *fs, uint32_t number,
			  uint64_t *ret_block, uint32_t *ret_offset);
/* A number for a new one, in or near its directory's group. */
int eft_ext4_inode_alloc(struct eft_ext4_op *op,
			 const struct eft_ext4_inode *parent, bool is_dir,
			 uint32_t *ret_number);
int eft_ext4_inode_free(struct eft_ext4_op *op, uint32_t number, bool is_dir);
/* Is (number) the only one in use of its block? What the others have is free. */
int eft_ext4_inode_is_alone(struct eft_ext4 *fs, uint32_t number,
			    bool *ret_alone);

/*
 * What close finds: dirty contents, which count their nodes, are written; then
 * orphans that could not be removed.
 */
void eft_ext4_inodes_end(struct eft_ext4 *fs);
void eft_ext4_inodes_close(struct eft_ext4 *fs);
/* The node of (number), counted; read if it is not in memory. */
int eft_ext4_inode_get(struct eft_ext4 *fs, uint32_t number,
		       struct eft_ext4_inode **ret_inode);
/* A new one's, in two steps: memory first; then its number, within (op). */
struct eft_ext4_inode *eft_ext4_inode_new(struct eft_ext4 *fs, uint32_t mode);
int eft_ext4_inode_place_new(struct eft_ext4_op *op,
			     struct eft_ext4_inode *inode, uint32_t number);
/* Undo the first step, or both, when the operation has failed. */
void eft_ext4_inode_discard(struct eft_ext4_inode *inode);
void eft_ext4_inode_release(struct eft_node *node); /* of all node types */

/*
 * Orphans: orphan.c.
 */
int eft_ext4_orphan_add(struct eft_ext4_op *op, struct eft_ext4_inode *inode);
int eft_ext4_orphan_remove(struct eft_ext4_op *op,
			   struct eft_ext4_inode *inode);
/* Free all blocks from (size) on, of an orphan, in many operations. */
int eft_ext4_truncate(struct eft_ext4_inode *inode, uint64_t size);
/* Free (inode), an orphan without links, and all that it has. */
int eft_ext4_inode_remove(struct eft_ext4_inode *inode);
/* Remove what has no name, and is open: the program ends. */
void eft_ext4_orphans_end(struct eft_ext4 *fs);
/* Remove and truncate what the disk says is to be. */
void eft_ext4_orphans_clean(struct eft_ext4 *fs);
/* The same of those in memory that could not be, when all else has ended. */
void eft_ext4_orphans_retry(struct eft_ext4 *fs);

/*
 * Extents: extent.c. A file's blocks are 32 bits. The caller has locked a
 * regular file's map, also until its operation has ended, which may undo it; a
 * directory's goes with the directory's lock.
 */
enum eft_ext4_state {
	EFT_EXT4_HOLE,
	EFT_EXT4_UNWRITTEN, /* it has blocks, and reads as zeroes */
	EFT_EXT4_WRITTEN,
};

struct eft_ext4_map {
	uint32_t block; /* of the file */
	uint32_t count;
	uint64_t first; /* of the disk; none of a hole */
	enum eft_ext4_state state;
};

/*
 * What is at (block), and in how many blocks from there on. A hole that goes to
 * the end has UINT32_MAX - block blocks.
 *
 * Returns   0; -EUCLEAN -EIO -ENOMEM
 */
int eft_ext4_map(struct eft_ext4_inode *inode, uint32_t block,
		 struct eft_ext4_map *ret_map);
/* Put (map), blocks that are used, where a hole is. -ENOSPC for the extents. */
int eft_ext4_map_insert(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			const struct eft_ext4_map *map);
/*
 * Make [block, block+count) a hole, and free its blocks: *ret_more says that
 * another operation has to go on, from the end downwards.
 */
int eft_ext4_map_remove(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			uint32_t block, uint32_t count, bool *ret_more);
/* What [block, block+count) has unwritten, in one run, is written. */
int eft_ext4_map_convert(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			 uint32_t block, uint32_t count);
/*
 * The last extent that begins before (end), and what of it is before that; of
 * 0 blocks: there is none.
 */
int eft_ext4_map_before(struct eft_ext4_inode *inode, uint32_t end,
			struct eft_ext4_map *ret_map);
/* What is at (map), in one run, goes to (to). -EAGAIN: that is no hole */
int eft_ext4_map_move(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		      const struct eft_ext4_map *map, uint32_t to);
/* The root of one that has none. */
void eft_ext4_extents_init(struct eft_ext4_raw_inode *raw);
static inline bool eft_ext4_has_extents(const struct eft_ext4_inode *inode)
{
	return eft_get32(eft_ext4_raw(inode)->flags) & EFT_EXT4_EXTENTS;
}
/* Where a file's block (block) should be. */
uint64_t eft_ext4_goal(struct eft_ext4_inode *inode, uint32_t block);

/* Does it have a map of blocks? Not what is all in its inode. */
bool eft_ext4_has_map(const struct eft_ext4_inode *inode);
/* And are there blocks in it? */
bool eft_ext4_has_blocks(const struct eft_ext4_inode *inode);

/*
 * indirect.c: the same of files that have block lists, which the functions above
 * call. (map) is written.
 */
int eft_ext4_indirect_map(struct eft_ext4_inode *inode, uint32_t block,
			  struct eft_ext4_map *ret_map);
int eft_ext4_indirect_insert(struct eft_ext4_op *op,
			     struct eft_ext4_inode *inode,
			     const struct eft_ext4_map *map);
int eft_ext4_indirect_remove(struct eft_ext4_op *op,
			     struct eft_ext4_inode *inode, uint32_t block,
			     uint32_t count, bool *ret_more);
/* 0: anywhere. */
uint64_t eft_ext4_indirect_goal(struct eft_ext4_inode *inode, uint32_t block);
/* How many blocks such a file can have. */
uint64_t eft_ext4_indirect_max(const struct eft_ext4 *fs);

/*
 * Directories: dir.c, htree.c, getdents.c. The directory is locked.
 */
struct eft_ext4_name {
	const char *text;
	size_t len;
};

/* 0; -ENOENT and what reading says. */
int eft_ext4_dir_find(struct eft_ext4_inode *dir, struct eft_ext4_name name,
		      uint32_t *ret_number);
/* The name is free, and to lead to (number), of (mode). -ENOSPC */
int eft_ext4_dir_add(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		     struct eft_ext4_name name, uint32_t number, uint32_t mode);
int eft_ext4_dir_remove(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
			struct eft_ext4_name name);
/* The name, which is there, leads to (number) from now on. */
int eft_ext4_dir_replace(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
			 struct eft_ext4_name name, uint32_t number,
			 uint32_t mode);
/* Make `.` and `..`. */
int eft_ext4_dir_init(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      uint32_t parent);
/* Where `..` leads; where it is to. */
int eft_ext4_dir_parent(struct eft_ext4_inode *dir, uint32_t *ret_number);
int eft_ext4_dir_set_parent(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
			    uint32_t number);
/* 0; -ENOTEMPTY */
int eft_ext4_dir_check_empty(struct eft_ext4_inode *dir);
ssize_t eft_ext4_getdents(struct eft_file *file, void eft_user *buf,
			  size_t size);

/* dir.c, for htree.c and getdents.c. */

/* Where an entry is. */
struct eft_ext4_entry {
	struct eft_ext4_buffer *buffer; /* counted */
	uint32_t at;
};

/*
 * A block of a directory, counted; checked to be of (kind). A leaf is NULL, if
 * it is a block of the index.
 */
int eft_ext4_dir_block(struct eft_ext4_inode *dir, uint32_t block,
		       enum eft_ext4_kind kind,
		       struct eft_ext4_buffer **ret_buffer);
/* A new one at the end, all of it to be changed. */
int eft_ext4_dir_grow(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      uint32_t *ret_block, struct eft_ext4_buffer **ret_buffer);
uint32_t eft_ext4_dir_blocks(const struct eft_ext4_inode *dir);

static inline const struct eft_ext4_dirent *eft_ext4_dirent(const uint8_t *data,
							    uint32_t at)
{
	return (const void *)(data + at);
}
/* What an entry of a name of (len) takes. */
static inline uint32_t eft_ext4_dirent_bytes(size_t len)
{
	return (uint32_t)eft_align_up(EFT_EXT4_DIRENT_HEADER + len, 4);
}
bool eft_ext4_dirent_is(const struct eft_ext4_dirent *entry,
			struct eft_ext4_name name);
/* The bytes of entries in a leaf, before its tail. */
uint32_t eft_ext4_leaf_bytes(const struct eft_ext4 *fs);
/* The entry of (name) in a leaf; false: there is none. */
bool eft_ext4_leaf_find(const struct eft_ext4 *fs, const uint8_t *data,
			struct eft_ext4_name name, uint32_t *ret_at);
/* Add an entry to a leaf. -ENOSPC no room */
int eft_ext4_leaf_add(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		      struct eft_ext4_buffer *buffer, struct eft_ext4_name name,
		      uint32_t number, uint8_t type);
/* All of a leaf is to be changed: it is empty; and gets its tail. */
void eft_ext4_leaf_init(const struct eft_ext4 *fs, uint8_t *data);
/* A leaf of (dir) was changed. */
void eft_ext4_leaf_unseal(const struct eft_ext4_inode *dir,
			  struct eft_ext4_buffer *buffer);

/* hash.c */
struct eft_ext4_hash {
	uint32_t major, minor; /* (major) is even */
};
bool eft_ext4_hash_is_known(unsigned version);
struct eft_ext4_hash eft_ext4_hash(const struct eft_ext4 *fs, unsigned version,
				   struct eft_ext4_name name);

/* htree.c */
static inline bool eft_ext4_dir_is_indexed(const struct eft_ext4_inode *dir)
{
	return (dir->fs->compat & EFT_EXT4_COMPAT_DIR_INDEX) &&
	       (eft_get32(eft_ext4_raw(dir)->flags) & EFT_EXT4_INDEXED);
}
/* 0; -ENOENT. (ret_entry), in a leaf, counted. */
int eft_ext4_htree_find(struct eft_ext4_inode *dir, struct eft_ext4_name name,
			struct eft_ext4_entry *ret_entry);
int eft_ext4_htree_add(struct eft_ext4_op *op, struct eft_ext4_inode *dir,
		       struct eft_ext4_name name, uint32_t number,
		       uint8_t type);
/* Make an index of a directory of one full block. */
int eft_ext4_htree_init(struct eft_ext4_op *op, struct eft_ext4_inode *dir);
/* Is it right, as the root of an index? For eft_ext4_dir_block(). */
const char *eft_ext4_htree_check(const struct eft_ext4_inode *dir,
				 const uint8_t *data, bool root);
/* The index's root, or another node of it, was changed. */
void eft_ext4_htree_unseal(const struct eft_ext4_inode *dir,
			   struct eft_ext4_buffer *buffer, bool root);
/*
 * Call use(leaf, arg) for the leaf that may have the hash (major), and for those
 * that go on with its last hash, until it is not 0: what it returns; if that is
 * more, the leaf stays counted. *ret_next is the first hash behind them, or
 * UINT32_MAX.
 */
typedef int eft_ext4_use_leaf(struct eft_ext4_buffer *leaf, unsigned version,
			      void *arg);
int eft_ext4_htree_leaves(struct eft_ext4_inode *dir, uint32_t major,
			  eft_ext4_use_leaf *use, void *arg,
			  uint32_t *ret_next);

/*
 * Blocks of extended attributes: xattr_block.c. What is in them, and in inodes,
 * is xattr.c's, which only some images have.
 */

/* The inode's, which has one, counted and checked. */
int eft_ext4_xattrs_read(struct eft_ext4_inode *inode,
			 struct eft_ext4_buffer **ret_buffer);
void eft_ext4_xattrs_seal(struct eft_ext4_buffer *buffer);
/* It is (block) from now on, 0: none. */
int eft_ext4_xattrs_point(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			  uint64_t block);
/* The inode has none from now on: free it, if no other inode has it. */
int eft_ext4_xattrs_drop(struct eft_ext4_op *op, struct eft_ext4_inode *inode);

/*
 * For the VFS: names.c, node.c; regular files are file.c's.
 */
extern const struct eft_node_type eft_ext4_dir_type, eft_ext4_link_type,
	eft_ext4_special_type, eft_ext4_regular_type;
extern const struct eft_name_ops eft_ext4_names;

/* file.c, data.c */
extern const struct eft_file_ops eft_ext4_file_ops;
extern const struct eft_cached_source eft_ext4_source;
/*
 * What there is at (block) of a file, (max) blocks at most: the map is locked
 * for the look only.
 */
int eft_ext4_look(struct eft_ext4_inode *inode, uint32_t block, uint32_t max,
		  struct eft_ext4_map *ret_map);
/*
 * eft_ext4_reserve(), and eft_ext4_take_blocks() for a hole: of (map) first and
 * count. What was freed counts too, once that has been committed.
 */
int eft_ext4_promise(struct eft_ext4 *fs, uint64_t count);
int eft_ext4_take_for(struct eft_ext4_inode *inode, struct eft_ext4_map *map);
/*
 * Put (map), blocks that were taken, where a hole was: -EAGAIN, it is none any
 * more. The map locked.
 */
int eft_ext4_fill_hole(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
		       const struct eft_ext4_map *map);
/* shift.c: make [block, block+count) a hole, by as many operations as it takes. */
int eft_ext4_remove_blocks(struct eft_ext4_inode *inode, uint32_t block,
			   uint32_t count);
/*
 * Blocks from (first) on are (count) further up from then on; or down, over
 * what was there. -EINVAL: past the end of files
 */
int eft_ext4_shift(struct eft_ext4_inode *inode, uint32_t first, uint32_t count,
		   bool up);
/* Write the node's times, if they have changed since they were. */
int eft_ext4_save_times(struct eft_ext4_inode *inode);
int eft_ext4_set_size(struct eft_node *node, off_t size);

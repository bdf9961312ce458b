// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The tree: a file system in memory. Private to core.
 *
 *	node.c           nodes: what a file is, apart from its names
 *	node_file.c      descriptions of nodes
 *	dir.c            directories and their entries (dentries); readdir.c
 *	walk.c           from a path to an entry
 *	operations.c     the table of path operations
 *	open.c, stat.c, mkdir.c, mknod.c, unlink.c, rename.c, link.c,
 *	symlink_at.c, readlink.c
 *	                 the path operation of that name
 *	change.c         mode, owner and times, by description and by path
 *	record_lock.c    advisory locks
 *
 * The nodes' types: core/fs/ramfs (regular files, over an array of pages),
 * core/fs/devfs (devices), core/fs/procfs (/proc). Symbolic links are in
 * symlink.c, FIFOs in core/ipc/fifo.c, names of sockets in core/net/unix/path.c.
 *
 * Locks: the tree's mutex owns all names (directories, dentries, link counts);
 * a node's mutex owns its attributes and its data. The tree's is the outer
 * one. The program's memory may be touched under both: a page fault takes the
 * spin lock of a file's pages at most (see core/fs/ramfs/regular.c).
 *
 * References: a description counts its node and its dentry, a dentry counts
 * its node and its directory, a directory counts its parent. Entries are held
 * by the directory until they are removed, so a path that exists needs no
 * counting while the tree's mutex is held.
 */
#include "core/file.h"
#include "core/mem.h"

enum { EFT_TREE_DEV = 1 }; /* st_dev of all that is in the tree */

struct eft_dentry;
struct eft_dir;
struct eft_node;

struct eft_node_type {
	const struct eft_file_ops *file_ops;
	/* Open it by a description of its own making; NULL: the usual one. */
	int (*open)(struct eft_node *node, struct eft_dentry *dentry, int flags,
		    struct eft_file **ret_file);
	/* Fill size and blocks. Node locked. NULL: 0. */
	void (*stat)(struct eft_node *node, struct eft_stat *st);
	/* O_TRUNC and truncate(2). NULL: nothing happens. */
	int (*set_size)(struct eft_node *node, off_t size);
	/* A symbolic link's target. */
	const char *(*target)(struct eft_node *node);
	/* A symbolic link to a description: open it; write its text. */
	int (*follow)(struct eft_node *node, int flags,
		      struct eft_file **ret_file);
	ssize_t (*readlink)(struct eft_node *node, char *buf, size_t size);
	/* A directory's: make the entry (name) if it should exist. */
	int (*prepare)(struct eft_dir *dir, const char *name, size_t len);
	/*
	 * The last reference is gone: free it. A directory does not count its
	 * parent any more.
	 */
	void (*release)(struct eft_node *node);
};

struct eft_node {
	const struct eft_node_type *type;
	uint64_t ino, rdev;
	uint32_t references; /* atomic */
	uint32_t nlink;	     /* owned by the tree's mutex */

	struct eft_mutex lock;
	/* Owned by lock. */
	uint32_t mode, uid, gid;
	struct eft_timespec atime, mtime, ctime;
};

struct eft_dir {
	struct eft_node node;
	/* Owned by the tree's mutex. */
	struct eft_dir *parent; /* counted; the root's is itself, not counted */
	struct eft_dentry *self; /* not counted; NULL: the root, or removed */
	struct eft_treap by_hash, by_cookie;
	uint64_t next_cookie;
	unsigned count;
	bool fixed; /* a part of /proc: only the libOS changes it */
};

struct eft_dentry {
	struct eft_treap_node by_hash, by_cookie;
	struct eft_dentry *next; /* of the same hash */
	struct eft_dir *dir;	 /* counted */
	struct eft_node *node;	 /* counted */
	uint32_t references;	 /* atomic; one is the directory's */
	bool linked;
	uint16_t len;
	char *name; /* (inline_name), or of the heap after a rename */
	char inline_name[];
};

/* A description of a node. */
struct eft_node_file {
	struct eft_file file;
	struct eft_node *node;
	struct eft_dentry *dentry; /* NULL: it never had a name */
};

void eft_tree_lock(void);
void eft_tree_unlock(void);
bool eft_tree_is_locked(void); /* by anybody, at a moment that may be over */

/*
 * Nodes.
 */

/* Set up (node) with one reference and no links, of the current time. */
void eft_node_init(struct eft_node *node, const struct eft_node_type *type,
		   unsigned mode);
struct eft_node *eft_node_get(struct eft_node *node);
void eft_node_put(struct eft_node *node); /* NULL is fine */
void eft_node_stat(struct eft_node *node, struct eft_stat *ret_stat);
int eft_node_chmod(struct eft_node *node, unsigned mode);
int eft_node_chown(struct eft_node *node, unsigned uid, unsigned gid);
int eft_node_set_times(struct eft_node *node,
		       const struct eft_timespec times[2]);
struct eft_timespec eft_node_now(void);
/* The contents changed. Node locked. */
void eft_node_modified_locked(struct eft_node *node);

static inline bool eft_node_is(const struct eft_node *node, uint32_t type)
{
	return (node->mode & S_IFMT) == type;
}

static inline struct eft_dir *eft_node_dir(struct eft_node *node)
{
	return eft_container_of(node, struct eft_dir, node);
}

/* A description of (node), found as (dentry), which may be NULL. */
int eft_node_open(struct eft_node *node, struct eft_dentry *dentry, int flags,
		  struct eft_file **ret_file);
/* Set up a description embedded in something larger. */
void eft_node_file_init(struct eft_node_file *nf, struct eft_node *node,
			struct eft_dentry *dentry,
			const struct eft_file_ops *ops, int flags);
void eft_node_file_fini(struct eft_node_file *nf);

static inline struct eft_node_file *eft_node_file(struct eft_file *file)
{
	return eft_container_of(file, struct eft_node_file, file);
}

/* The node of (file); NULL when it is not of the tree. */
struct eft_node *eft_node_of(struct eft_file *file);

/*
 * Operations that the descriptions of all nodes share. Weak is what not every
 * image has: the calls name change.c and record_lock.c (see eft_needs).
 */
#pragma weak eft_node_file_statfs
#pragma weak eft_node_file_sync
#pragma weak eft_node_file_chmod
#pragma weak eft_node_file_chown
#pragma weak eft_node_file_set_times
#pragma weak eft_node_file_lock
#pragma weak eft_node_file_flock
#pragma weak eft_node_file_closed
#pragma weak eft_node_file_drop_locks
int eft_node_file_stat(struct eft_file *file, struct eft_stat *ret_stat);
int eft_node_file_statfs(struct eft_file *file, struct eft_statfs *ret_statfs);
int eft_node_file_chmod(struct eft_file *file, unsigned mode);
int eft_node_file_chown(struct eft_file *file, unsigned uid, unsigned gid);
int eft_node_file_set_times(struct eft_file *file,
			    const struct eft_timespec times[2]);
ssize_t eft_node_file_path(struct eft_file *file, char *buf, size_t size);
int eft_node_file_flock(struct eft_file *file, int operation);
void eft_node_file_closed(struct eft_file *file);
/* The locks that belong to a description go with it. */
void eft_node_file_drop_locks(struct eft_file *file);
void eft_node_file_release(struct eft_file *file);

#define EFT_NODE_FILE_OPS                                                   \
	.stat = eft_node_file_stat, .statfs = eft_node_file_statfs,         \
	.sync = eft_node_file_sync, .chmod = eft_node_file_chmod,           \
	.chown = eft_node_file_chown, .set_times = eft_node_file_set_times, \
	.path = eft_node_file_path, .lock = eft_node_file_lock,             \
	.flock = eft_node_file_flock, .closed = eft_node_file_closed,       \
	.release = eft_node_file_release

enum { EFT_DIR_FIRST_COOKIE = 2 }; /* 0 and 1 are `.` and `..` */

/*
 * Directories. The callers of _locked hold the tree's mutex.
 */
struct eft_dir *eft_dir_create(unsigned mode);
extern const struct eft_node_type eft_dir_type;
extern const struct eft_file_ops eft_dir_ops;
void eft_dir_release(struct eft_node *node); /* of eft_dir_type */
/* True when (dir) has been removed and is only held open. */
bool eft_dir_removed_locked(const struct eft_dir *dir);
struct eft_dentry *eft_dir_find_locked(struct eft_dir *dir, const char *name,
				       size_t len);
/*
 * Give (node) the name (name) in (dir), where there is none of it.
 *
 * Returns   0; -ENOMEM; -ENOENT the directory has been removed; -EMLINK
 * Owns      shares (node)
 */
int eft_dir_add_locked(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_node *node, struct eft_dentry **ret_dentry);
/* The directory that (dentry) leads to, or NULL. */
struct eft_dir *eft_dentry_dir(const struct eft_dentry *dentry);
/* Take (dentry) out of its directory; a directory's must be empty. */
void eft_dir_remove_locked(struct eft_dentry *dentry);
/* Move (dentry) to (dir) as (name), which it takes: memory of the heap. */
void eft_dir_move_locked(struct eft_dentry *dentry, struct eft_dir *dir,
			 char *name, size_t len);
/* Exchange the places of two entries; the names as in eft_dir_move_locked. */
void eft_dir_exchange_locked(struct eft_dentry *a, char *a_name,
			     struct eft_dentry *b, char *b_name);
struct eft_dentry *eft_dentry_get(struct eft_dentry *dentry);
void eft_dentry_put(struct eft_dentry *dentry); /* NULL is fine */

/* Write one record of getdents64(2); its size, 0 when it does not fit. */
size_t eft_dirent_put(void *buf, size_t size, const struct eft_dirent *entry,
		      const char *name, size_t len);

/*
 * Paths.
 */
enum eft_walk_mode {
	EFT_WALK_FOLLOW,   /* a link in the last place is followed */
	EFT_WALK_NOFOLLOW, /* only when slashes come after it */
	EFT_WALK_ENTRY,	   /* never: the entry itself, slashes or not; a name
			      that is too long is one that is not there */
	EFT_WALK_CREATE,   /* for a regular file: slashes are -EISDIR */
	EFT_WALK_CREATE_NOFOLLOW,
};

struct eft_walk {
	struct eft_dir *dir; /* where the last component is */
	const char *name;    /* it, not ended by a NUL */
	size_t len;	     /* 0: `/`, `.` or `..`, which name no entry */
	bool slash;	     /* slashes follow: a directory is meant */
	bool magic;	     /* (node) is a link to a description: follow it */
	struct eft_dentry *dentry; /* NULL: none of that name, or no name */
	struct eft_node *node;	   /* NULL: none of that name */
};

/*
 * Walk (path) from the open directory (at). That the last component is not
 * there is no error here.
 *
 * Returns   0; -ENOENT -ENOTDIR -ELOOP -ENAMETOOLONG -ENOMEM
 * Owns      nothing: the result is good while the tree's mutex is held
 */
int eft_walk_locked(struct eft_file *at, const char *path,
		    enum eft_walk_mode mode, struct eft_walk *ret_walk);

/*
 * Walk to a name that must be free, for something that is no directory unless
 * (is_dir). As eft_walk_locked() else.
 *
 * Returns   also -EEXIST
 */
int eft_walk_to_new_locked(struct eft_file *at, const char *path, bool is_dir,
			   struct eft_walk *ret_walk);

/* The error of a walk that found no entry. */
int eft_walk_missing(const struct eft_walk *walk);
/* May the entry that (walk) found be taken away? */
int eft_walk_check_removable(const struct eft_walk *walk);

extern const struct eft_fs_ops eft_tree_fs;

/*
 * Give (node) the name that (walk) did not find. (node) may be NULL: -ENOMEM.
 * Takes (node).
 */
int eft_tree_add_locked(const struct eft_walk *walk, struct eft_node *node,
			struct eft_dentry **ret_dentry);

/* Give (node), taken, the name (path), which must be free. NULL: -ENOMEM. */
int eft_tree_make(struct eft_file *at, const char *path, struct eft_node *node);

/* Path operations; those that not every image has are in core/file.h. */
int eft_tree_open(struct eft_file *at, const char *path, int flags,
		  unsigned mode, struct eft_file **ret_file);
int eft_tree_access(struct eft_file *at, const char *path, int mode, int flags);
int eft_tree_chown(struct eft_file *at, const char *path, unsigned uid,
		   unsigned gid, int flags);
int eft_tree_set_times(struct eft_file *at, const char *path,
		       const struct eft_timespec times[2], int flags);

/*
 * Making the tree, at boot.
 */

/* Make the root directory; a second call does nothing. 0 or -ENOMEM. */
int eft_tree_init(void);
extern struct eft_dir *eft_tree_root;
/* A description of the root. */
int eft_tree_open_root(struct eft_file **ret_file);

/*
 * Add a node at (path), from the root, making the directories above it as
 * needed. (node) NULL: a directory, which may exist.
 *
 * Returns   0; -EEXIST -ENOTDIR -ENAMETOOLONG -ENOMEM
 * Owns      takes (node)
 */
int eft_tree_add(const char *path, struct eft_node *node);

/* Nodes; NULL: out of memory. */
struct eft_node *eft_symlink_create(const char *target, size_t len);
struct eft_node *eft_ramfs_create(unsigned mode);
/* Make (data), which lives until exit, the contents of a new regular file. */
void eft_ramfs_borrow(struct eft_node *node, const void *data, size_t len);
struct eft_node *eft_dev_create(unsigned mode, uint64_t rdev);

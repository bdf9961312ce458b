// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The VFS: nodes, names (dentries), mounts, and walks along paths. Private to
 * core.
 *
 *	node.c           nodes: what a file is, apart from its names
 *	node_file.c      descriptions of nodes; file_path.c: what they are called
 *	dir.c            directories and their entries (dentries); readdir.c
 *	cache.c          entries of file systems that are not in memory
 *	walk.c           from a path to an entry
 *	mount.c          the mount table; mount_at.c and umount.c change it
 *	special.c        devices, FIFOs and sockets of what is not in memory
 *	operations.c     the table of path operations
 *	open.c, stat.c, mkdir.c, mknod.c, unlink.c, rename.c, link.c,
 *	symlink_at.c, readlink.c
 *	                 the path operation of that name
 *	change.c         mode, owner and times, by description and by path
 *	record_lock.c    advisory locks
 *	xattr.c          extended attributes
 *
 * File systems: core/fs/ramfs (directories and links are dir.c and symlink.c,
 * regular files an array of pages), core/fs/devfs (devices), core/fs/procfs
 * (/proc). FIFOs are in core/ipc/fifo.c, names of sockets in
 * core/net/unix/path.c. Of a file system in memory the dentries are the
 * directory itself; one with a disk behind it gives its directories the
 * operations below, and the VFS caches what they say (cache.c).
 *
 * Locks, outermost first:
 *   the rename mutex  all renames, and the mount table's changes: who holds it
 *                     may go up (parent, covered) and read names
 *   a directory's     its entries. Two of them: with the rename mutex held, one
 *                     above the other first; or a directory and then the one in
 *                     it that is to be removed.
 *   a node's          its attributes, its link count, its data
 *   the mount table's (a spin lock), for going down into a mount
 * A walk holds one directory's lock at a time. A file system's operations may
 * sleep under these mutexes. The program's memory may be touched under them: a
 * page fault takes the spin lock of a file's pages at most (see
 * core/fs/ramfs/regular.c).
 *
 * References: a description counts its node, its dentry and its mount, a dentry
 * counts its node and its directory, a directory counts its parent. Entries are
 * held by the directory until they are removed, so one that was found needs no
 * counting while the directory is locked.
 */
#include "core/file.h"
#include "core/mem.h"

enum { EFT_ROOT_DEV = 1 }; /* st_dev of the root in memory */
enum { EFT_TARGET_BYTES = 24 };

struct eft_dentry;
struct eft_dir;
struct eft_mount;
struct eft_node;
struct eft_ramfs_xattr;
struct eft_xattr_ops;

/* Where a file was found. */
struct eft_place {
	struct eft_mount *mount;
	struct eft_dentry *dentry; /* NULL: a mount's root, or it has no name */
	struct eft_node *node;
};

/* What is to be made. */
struct eft_node_spec {
	uint32_t mode; /* S_IF… and permissions */
	uint32_t gid;
	uint64_t rdev;
	const char *target; /* a symbolic link's */
	size_t target_len;
};

/*
 * Operations by name, of a type of directories: they are called with the
 * directory locked, and may sleep. A file system in memory, whose entries are
 * the dentries themselves, has create() at most.
 */
struct eft_name_ops {
	/*
	 * The entry (name), not counted; NULL: none. find() of a file system
	 * that is not in memory is eft_cache_find(), which calls lookup() for
	 * what it has not cached: it gives a counted node, or -ENOENT.
	 */
	int (*find)(struct eft_dir *dir, const char *name, size_t len,
		    struct eft_dentry **ret_dentry);
	int (*lookup)(struct eft_dir *dir, const char *name, size_t len,
		      struct eft_node **ret_node);
	/*
	 * Make (spec), for a name that is free: a counted node, not linked.
	 * (name) NULL, the directory not locked, if (unnamed) says that it can:
	 * a regular file without one, which link() may give it (O_TMPFILE).
	 */
	int (*create)(struct eft_dir *dir, const char *name, size_t len,
		      const struct eft_node_spec *spec,
		      struct eft_node **ret_node);
	int (*link)(struct eft_dir *dir, const char *name, size_t len,
		    struct eft_node *node);
	/* Remove (dentry), also a directory: -ENOTEMPTY. */
	int (*unlink)(struct eft_dentry *dentry);
	/*
	 * Move (from) to (dir), as (name), in the place of (to) if that is not
	 * NULL; (exchange): (to) goes where (from) was.
	 */
	int (*rename)(struct eft_dentry *from, struct eft_dir *dir,
		      const char *name, size_t len, struct eft_dentry *to,
		      bool exchange);
	/*
	 * Of any node: note new attributes, which it gets if 0 is returned.
	 * (which) of them, EFT_NODE_…, were asked for. Node locked.
	 */
	int (*set_attributes)(struct eft_node *node,
			      const struct eft_stat *attributes,
			      unsigned which);
	bool unnamed;
	bool scarce; /* a host or a server keeps a handle for each entry */
};

enum {
	EFT_NODE_MODE = 1,
	EFT_NODE_UID = 2,
	EFT_NODE_GID = 4,
	EFT_NODE_ATIME = 8,
	EFT_NODE_MTIME = 16,
};

/* Operations of a type of nodes. */
struct eft_node_type {
	const struct eft_file_ops *file_ops;
	const struct eft_name_ops *names; /* NULL: no directory, in memory */
	/* Open it by a description of its own making; NULL: the usual one. */
	int (*open)(const struct eft_place *place, int flags,
		    struct eft_file **ret_file);
	/*
	 * Fill size and blocks; who knows better, more. Node locked. 0, or why
	 * nothing can be said. NULL: 0.
	 */
	int (*stat)(struct eft_node *node, struct eft_stat *st);
	/* O_TRUNC and truncate(2). NULL: nothing happens. */
	int (*set_size)(struct eft_node *node, off_t size);
	/*
	 * A symbolic link's target, good as long as (node) is counted; (buf) is
	 * there for one that is made up.
	 */
	int (*target)(struct eft_node *node, char buf[EFT_TARGET_BYTES],
		      const char **ret_target);
	/*
	 * A symbolic link to a description: open it; write its text. NULL: its
	 * target is its text.
	 */
	int (*follow)(struct eft_node *node, int flags,
		      struct eft_file **ret_file);
	ssize_t (*readlink)(struct eft_node *node, char *buf, size_t size);
	/*
	 * The last reference is gone: free it. A directory does not count its
	 * parent any more.
	 */
	void (*release)(struct eft_node *node);
};

struct eft_node {
	const struct eft_node_type *type;
	uint64_t ino, rdev;
	uint32_t dev;	     /* of its file system */
	uint32_t references; /* atomic */

	struct eft_mutex lock;
	/* Owned by lock. */
	uint32_t nlink, mode, uid, gid;
	struct eft_timespec atime, mtime, ctime;
	struct eft_ramfs_xattr *xattrs; /* of what is in memory */
	bool linkable; /* it was made without a name, and may get one */
};

struct eft_dir {
	struct eft_node node;
	/* Owned by the rename mutex. */
	struct eft_dir *parent; /* counted; a root's is itself, not counted */
	uint64_t cookie;	/* of its entry in there, as long as there is */

	struct eft_mutex lock;
	/* Owned by lock. */
	struct eft_treap by_hash, by_cookie;
	uint64_t next_cookie;
	unsigned count; /* of entries that are there: no negative ones */
	bool fixed;	/* a part of /proc: only the libOS changes it */
	/*
	 * Not counted; NULL: a root, or removed. Changed with lock and the
	 * parent's lock held.
	 */
	struct eft_dentry *self;
};

struct eft_dentry {
	struct eft_treap_node by_hash;
	struct eft_treap_node by_cookie; /* cached: by its age */
	struct eft_dentry *next;	 /* of the same hash */
	struct eft_dir *dir;		 /* counted */
	struct eft_node *node; /* counted; NULL: a negative one (cache.c) */
	uint32_t references;   /* atomic; one is the directory's */
	uint16_t mounts;       /* over it; owned by the mount table's lock */
	uint16_t len;
	bool linked, cached, used; /* (used): cache.c; atomic */
	char *name; /* (inline_name), or of the heap after a rename */
	char inline_name[];
};

/* A description of a node. */
struct eft_node_file {
	struct eft_file file;
	struct eft_place place;
};

/*
 * Mounts.
 */

/* A type of file systems. */
struct eft_fs_type {
	const char *name;
	uint32_t magic; /* statfs: f_type */
	/*
	 * Make one of (source) and (options), NULL: none: a counted root.
	 * NULL: a host's folder. (dev) is its number.
	 */
	int (*create)(const char *source, const char *options, uint32_t dev,
		      struct eft_dir **ret_root);
	bool writes; /* it does, at mount too, unless (options) say "ro" */
	/* Nothing of (root) is in use any more. NULL: it is in memory. */
	void (*destroy)(struct eft_dir *root);
	/*
	 * statfs(2) of what has (root), asked by way of (node) there, or of a
	 * special file. NULL: it is in memory.
	 */
	int (*statfs)(struct eft_node *root, struct eft_node *node,
		      struct eft_statfs *ret_statfs);
};

/* A file system that is mounted, once or more often. */
struct eft_super {
	const struct eft_fs_type *type;
	struct eft_dir *root; /* counted */
	uint32_t references;  /* atomic: its mounts */
};

struct eft_mount {
	struct eft_mount *next;	  /* of the table, in the order of mounting */
	struct eft_super *super;  /* counted */
	struct eft_dir *root;	  /* counted */
	struct eft_place covered; /* counted; without a mount: the root */
	uint32_t references; /* atomic: the table's, descriptions, mounts */
	uint32_t writers;    /* atomic: regular files open for writing */
	uint32_t flags;	     /* atomic: MS_ flags */
	int id;
	const char *source;
};

extern struct eft_mount eft_root_mount;

struct eft_mount *eft_mount_get(struct eft_mount *mount);
void eft_mount_put(struct eft_mount *mount);
void eft_super_put(struct eft_super *super);
/* Remove all that is in (dir), in memory, which nobody else can reach. */
void eft_dir_empty(struct eft_dir *dir);
/* The last reference to (mount), which is in the table no more, is gone. */
void eft_mount_release(struct eft_mount *mount);

/* The topmost mount over (dentry), NULL: the root, of (mount); counted. */
struct eft_mount *eft_mount_over(struct eft_mount *mount,
				 struct eft_dentry *dentry);

/*
 * Add (mount), of which super, root and source are set, over (covered), a
 * directory that nobody can remove now; all of (covered) is counted for it.
 */
void eft_mount_attach(struct eft_mount *mount, const struct eft_place *covered);

/*
 * Mount (root), of (super), on the directory that (place) is.
 *
 * Returns   0; -ENOMEM; -ENOENT the directory has been removed
 * Owns      shares (super) and (root); copies (source)
 */
int eft_mount_add(struct eft_super *super, struct eft_dir *root,
		  const struct eft_place *place, const char *source,
		  uint32_t flags);

/*
 * Have the root be (source) of the type (type), and forget what it was. At boot,
 * while nothing is mounted in it.
 *
 * Returns   0; -ENODEV no such type; what the type says
 * Owns      borrows (source) until exit
 */
int eft_mount_as_root(const char *source, const char *type, unsigned long flags,
		      const char *options);

/* The next mount after (mount), NULL: the first; counted. Puts (mount). */
struct eft_mount *eft_mount_next(struct eft_mount *mount);

static inline uint32_t eft_mount_flags(const struct eft_mount *mount)
{
	return __atomic_load_n(&mount->flags, __ATOMIC_RELAXED);
}

static inline bool eft_mount_is_read_only(const struct eft_mount *mount)
{
	return eft_mount_flags(mount) & MS_RDONLY;
}

void eft_rename_lock(void);
void eft_rename_unlock(void);
bool eft_rename_is_locked(void); /* by anybody; it may be over already */

/* The table itself, for those who change it. */
struct eft_mount_table {
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_mount *last;
	int last_id;
	uint32_t last_dev;
};
extern struct eft_mount_table eft_mount_table;

/*
 * Nodes.
 */

/* Set up (node) with one reference and no links, of the current time. */
void eft_node_init(struct eft_node *node, const struct eft_node_type *type,
		   unsigned mode);
struct eft_node *eft_node_get(struct eft_node *node);
/* Of a table that does not count it: false if it is being released. */
bool eft_node_get_unless_released(struct eft_node *node);
void eft_node_put(struct eft_node *node); /* NULL is fine */
int eft_node_stat(struct eft_node *node, struct eft_stat *ret_stat);
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

/* Is the type in (mode), from outside, one that a file can have? */
static inline bool eft_mode_has_type(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFLNK:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return true;
	default:
		return false;
	}
}

static inline struct eft_dir *eft_node_dir(struct eft_node *node)
{
	return eft_container_of(node, struct eft_dir, node);
}

/* A description of (place). */
int eft_node_open(const struct eft_place *place, int flags,
		  struct eft_file **ret_file);
/*
 * The same of a device, FIFO or socket of a file system that is not in memory,
 * by *special, which is made if it is NULL, and counted: special.c. It has
 * (nlink) links, 0: as many as its own node.
 */
int eft_special_open(const struct eft_place *place, struct eft_node **special,
		     unsigned nlink, int flags, struct eft_file **ret_file);
/* The same, and cut it if (flags) say so. The directory is not locked. */
int eft_vfs_open_place(const struct eft_place *place, int flags,
		       struct eft_file **ret_file);
/* The same whatever its type's open() is, by these operations. */
int eft_node_open_by(const struct eft_place *place,
		     const struct eft_file_ops *ops, int flags,
		     struct eft_file **ret_file);
/* Count a description (+1, -1) if it is one that writes: umount.c. */
void eft_mount_count_writer(const struct eft_node_file *nf, int more);
/* When is an access noted as a node's atime? */
enum eft_atime {
	EFT_ATIME_RELATIVE, /* when it is the first after a change: relatime */
	EFT_ATIME_NEVER,
	EFT_ATIME_ALWAYS,
};

/* What the flags of a mount say; weak, only images that mount have them. */
enum eft_atime eft_mount_atime(const struct eft_place *place);
bool eft_mount_hides_device(const struct eft_place *place);
/*
 * Something was read by way of (nf), whose node is locked.
 *
 * Returns   whether the time was noted, as its mount and O_NOATIME have it
 */
bool eft_node_file_accessed_locked(const struct eft_node_file *nf);

/* Set up a description embedded in something larger. */
void eft_node_file_init(struct eft_node_file *nf, const struct eft_place *place,
			const struct eft_file_ops *ops, int flags);
void eft_node_file_fini(struct eft_node_file *nf);

static inline struct eft_node_file *eft_node_file(struct eft_file *file)
{
	return eft_container_of(file, struct eft_node_file, file);
}

/* Where (file) was found; NULL when it is no node's. */
struct eft_place *eft_place_of(struct eft_file *file);

/* The node of (file), or NULL. */
static inline struct eft_node *eft_node_of(struct eft_file *file)
{
	struct eft_place *place = eft_place_of(file);

	return place != NULL ? place->node : NULL;
}

/*
 * Operations that the descriptions of all nodes share. Weak is what not every
 * image has: the calls name change.c and record_lock.c (see eft_needs).
 */
#pragma weak eft_node_file_path
#pragma weak eft_node_file_statfs
#pragma weak eft_node_file_sync
#pragma weak eft_node_file_chmod
#pragma weak eft_node_file_chown
#pragma weak eft_node_file_set_times
#pragma weak eft_node_file_lock
#pragma weak eft_node_file_flock
#pragma weak eft_node_file_closed
#pragma weak eft_node_file_drop_locks
/* By this one a description is known to be a node's. */
int eft_node_file_stat(struct eft_file *file, struct eft_stat *ret_stat);
int eft_node_file_statfs(struct eft_file *file, struct eft_statfs *ret_statfs);
int eft_node_file_chmod(struct eft_file *file, unsigned mode);
int eft_node_file_chown(struct eft_file *file, unsigned uid, unsigned gid);
int eft_node_file_set_times(struct eft_file *file,
			    const struct eft_timespec times[2]);
ssize_t eft_node_file_path(struct eft_file *file, char *buf, size_t size);
int eft_node_file_flock(struct eft_file *file, int operation);
int eft_node_file_closed(struct eft_file *file);
/* The locks that belong to a description go with it. */
void eft_node_file_drop_locks(struct eft_file *file);
void eft_node_file_release(struct eft_file *file);

/* What descriptions of all nodes have; and of those that are in memory. */
/* With a closed() of its own, which calls eft_node_file_closed(). */
#define EFT_NODE_FILE_ATTRIBUTES_BUT_CLOSED                               \
	.stat = eft_node_file_stat, .statfs = eft_node_file_statfs,       \
	.chmod = eft_node_file_chmod, .chown = eft_node_file_chown,       \
	.set_times = eft_node_file_set_times, .path = eft_node_file_path, \
	.lock = eft_node_file_lock, .flock = eft_node_file_flock
#define EFT_NODE_FILE_ATTRIBUTES \
	EFT_NODE_FILE_ATTRIBUTES_BUT_CLOSED, .closed = eft_node_file_closed
#define EFT_NODE_FILE_OPS                                     \
	EFT_NODE_FILE_ATTRIBUTES, .sync = eft_node_file_sync, \
				  .release = eft_node_file_release

enum { EFT_DIR_FIRST_COOKIE = 2 }; /* 0 and 1 are `.` and `..` */

/*
 * Directories. The callers of _locked have locked those that are named.
 */
void eft_dir_init(struct eft_dir *dir, const struct eft_node_type *type,
		  unsigned mode);
struct eft_dir *eft_dir_create(unsigned mode);
/* The same for a root, of the file system (dev). */
struct eft_dir *eft_dir_create_root(unsigned mode, uint32_t dev);
extern const struct eft_node_type eft_dir_type;
/* What directories in memory are made with. */
extern const struct eft_name_ops eft_ramfs_names;
extern const struct eft_file_ops eft_dir_ops;
void eft_dir_release(struct eft_node *node); /* of eft_dir_type */
/* True when (dir) has been removed and is only held open. */
bool eft_dir_removed_locked(const struct eft_dir *dir);
struct eft_dentry *eft_dir_find_locked(struct eft_dir *dir, const char *name,
				       size_t len);
/*
 * Give (node) the name (name) in (dir), where there is none of it.
 *
 * Returns   0; -ENOMEM; -ENOENT the directory has been removed
 * Owns      shares (node)
 */
int eft_dir_add_locked(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_node *node, struct eft_dentry **ret_dentry);
/*
 * The same in two steps, of which the second cannot fail: an entry without a
 * node, which eft_free() undoes, NULL: out of memory; then, in a directory that
 * has not been removed, the entry's place.
 */
struct eft_dentry *eft_dentry_create(const char *name, size_t len);
void eft_dir_insert_locked(struct eft_dir *dir, struct eft_dentry *dentry,
			   struct eft_node *node);
/* The directory that (dentry) leads to, or NULL. */
struct eft_dir *eft_dentry_dir(const struct eft_dentry *dentry);
/* Take (dentry) out of its directory; a directory's, locked too, is empty. */
void eft_dir_remove_locked(struct eft_dentry *dentry);
/*
 * What those below come down to: make (dentry), which is in no directory, an
 * entry of (dir); undo it, but for the counts of that directory: returns how
 * many these are.
 */
void eft_dir_attach_locked(struct eft_dir *dir, struct eft_dentry *dentry,
			   uint64_t cookie);
unsigned eft_dir_detach_locked(struct eft_dentry *dentry);
/* Move (dentry) to (dir) as (name), which it takes: memory of the heap. */
void eft_dir_move_locked(struct eft_dentry *dentry, struct eft_dir *dir,
			 char *name, size_t len);
/* Exchange the places of two entries; the names as in eft_dir_move_locked. */
void eft_dir_exchange_locked(struct eft_dentry *a, char *a_name,
			     struct eft_dentry *b, char *b_name);
struct eft_dentry *eft_dentry_get(struct eft_dentry *dentry);
void eft_dentry_put(struct eft_dentry *dentry); /* NULL is fine */

/*
 * Write one record of getdents64(2); its size.
 *
 * Returns   also -EINVAL it does not fit; -EFAULT
 */
ssize_t eft_dirent_put(void eft_user *buf, size_t size,
		       const struct eft_dirent *entry, const char *name,
		       size_t len);

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
	/* Where the last component is; counted. */
	struct eft_mount *mount;
	struct eft_dir *dir; /* locked */

	const char *name; /* the component, not ended by a NUL */
	size_t len;	  /* 0: `/`, `.` or `..`, which name no entry */
	bool slash;	  /* slashes follow: a directory is meant */
	bool magic;	  /* (node) is a link to a description: follow it */
	struct eft_dentry *dentry; /* NULL: none of that name, or no name */
	struct eft_node *node;	   /* NULL: none of that name */

	/* The walk's own. */
	char *text; /* the path since a link was followed; or NULL */
	bool makes; /* directories in the middle */
	bool alone; /* there is no other thread */
	bool locked;
};

/*
 * Walk (path) from the open directory (at). That the last component is not
 * there is no error here.
 *
 * Returns   0; -ENOENT -ENOTDIR -ELOOP -ENAMETOOLONG -ENOMEM
 * Owns      *ret_walk is to be ended, after success only; it borrows (at) and
 *           (path) until then
 */
int eft_walk(struct eft_file *at, const char *path, enum eft_walk_mode mode,
	     struct eft_walk *ret_walk);
/* (makes): directories in the middle that are not there, in memory. */
int eft_walk_from(struct eft_mount *mount, struct eft_dir *dir,
		  const char *path, enum eft_walk_mode mode, bool makes,
		  struct eft_walk *ret_walk);
void eft_walk_end(struct eft_walk *walk);
/* Unlock the directory; (node) is to be counted before, and (dentry). */
void eft_walk_unlock(struct eft_walk *walk);
/* Look once more for what is at (name), in the directory that is locked. */
int eft_walk_find_again(struct eft_walk *walk);

/* What (walk) has found, not counted. */
static inline struct eft_place eft_walk_place(const struct eft_walk *walk)
{
	return (struct eft_place){walk->mount, walk->dentry, walk->node};
}

/*
 * Walk to a name that must be free, for something that is no directory unless
 * (is_dir). As eft_walk() else.
 *
 * Returns   also -EEXIST -EROFS
 */
int eft_walk_to_new(struct eft_file *at, const char *path, bool is_dir,
		    struct eft_walk *ret_walk);

/* The error of a walk that found no entry. */
int eft_walk_missing(const struct eft_walk *walk);
/* May the entry that (walk) found be taken away? */
int eft_walk_check_removable(const struct eft_walk *walk);

extern const struct eft_fs_ops eft_vfs_fs;

/* Make (spec), but for its group, at the name that (walk) did not find. */
int eft_vfs_create_locked(const struct eft_walk *walk,
			  struct eft_node_spec *spec,
			  struct eft_dentry **ret_dentry);

/*
 * Make a regular file of (mode) without a name, in the file system of (dir),
 * not locked: counted. Returns also -EOPNOTSUPP
 */
int eft_vfs_create_unnamed(struct eft_dir *dir, unsigned mode,
			   struct eft_node **ret_node);

/* Remove (dentry), a directory's locked too. */
int eft_vfs_remove_locked(struct eft_dentry *dentry);

/* Make (spec) at (path), which must be free. */
int eft_vfs_make(struct eft_file *at, const char *path,
		 struct eft_node_spec *spec);

/* Path operations; those that not every image has are in core/file.h. */
int eft_vfs_open(struct eft_file *at, const char *path, int flags,
		 unsigned mode, struct eft_file **ret_file);
int eft_vfs_access(struct eft_file *at, const char *path, int mode, int flags);
int eft_vfs_chown(struct eft_file *at, const char *path, unsigned uid,
		  unsigned gid, int flags);
int eft_vfs_set_times(struct eft_file *at, const char *path,
		      const struct eft_timespec times[2], int flags);

/*
 * File systems in memory; what boot makes in them.
 */

/* Make the root directory, and mount it; a second call does nothing. */
int eft_vfs_init(void);
/* A description of the root. */
int eft_vfs_open_root(struct eft_file **ret_file);

/*
 * Add (node), NULL: a directory of (mode), at (path) below (dir), through symbolic links,
 * and making the directories above it as needed. It replaces what is no
 * directory; of a directory that is there already *ret_node, which may be NULL,
 * is that: it is counted.
 *
 * Returns   0; -EEXIST -ENOTDIR -ENAMETOOLONG -ELOOP -ENOMEM
 * Owns      takes (node)
 */
int eft_vfs_add(struct eft_dir *dir, const char *path, struct eft_node *node,
		unsigned mode, struct eft_node **ret_node);

/* create() of directories in memory. */
int eft_ramfs_create_node(struct eft_dir *dir, const char *name, size_t len,
			  const struct eft_node_spec *spec,
			  struct eft_node **ret_node);
extern const struct eft_fs_type eft_ramfs_type; /* tmpfs */
extern const struct eft_fs_type eft_ramfs_old_type, eft_procfs_type,
	eft_devfs_type, eft_folder_type, eft_ext4_type, eft_ninep_type,
	eft_virtiofs_type;

/*
 * Extended attributes of file systems (core/xattr.h), for xattr.c, which only
 * some images have: of nodes in memory, whose release frees them; others.
 */
extern const struct eft_xattr_ops eft_ramfs_xattrs, eft_folder_xattrs,
	eft_ext4_xattrs, eft_ninep_xattrs, eft_virtiofs_xattrs;
void eft_ramfs_xattrs_free(struct eft_node *node);

/* Nodes; NULL: out of memory. */
struct eft_node *eft_symlink_create(const char *target, size_t len);
struct eft_node *eft_ramfs_create(unsigned mode);
/* Make (data), which lives until exit, the contents of a new regular file. */
void eft_ramfs_borrow(struct eft_node *node, const void *data, size_t len);
struct eft_node *eft_dev_create(unsigned mode, uint64_t rdev);

/*
 * Entries of file systems that are not in memory: cache.c, which only these
 * bring in. An entry that nobody uses stays, and one that says that there is
 * none of a name, until there are too many or memory is short.
 */

/* find() of such a directory. */
int eft_cache_find(struct eft_dir *dir, const char *name, size_t len,
		   struct eft_dentry **ret_dentry);
/*
 * An entry of (dir), locked, where there is none of that name; not counted.
 *
 * Returns   0; -ENOMEM
 * Owns      takes (node), NULL: there is no such name; also on failure
 */
int eft_cache_add(struct eft_dir *dir, const char *name, size_t len,
		  struct eft_node *node, struct eft_dentry **ret_dentry);
/* Forget that there is no (name) in (dir), locked. */
void eft_cache_forget(struct eft_dir *dir, const char *name, size_t len);
/* Forget (dentry), of which nothing is true any more; its directory is locked.
 */
void eft_cache_drop(struct eft_dentry *dentry);
/* Forget all below (root), of which nobody uses anything. */
void eft_cache_leave_all(struct eft_dir *root);
/* Forget all that (dir), locked, has not: it is to be removed. */
void eft_cache_empty(struct eft_dir *dir);
/* (dentry) is used now; it leaves its directory, which is locked. */
void eft_cache_use(struct eft_dentry *dentry);
void eft_cache_leave(struct eft_dentry *dentry);
/* Forget unused entries, (count) at most; returns how many. No lock is held. */
unsigned eft_cache_reclaim(unsigned count);
/* The same, if there are too many, or memory is short. */
void eft_cache_trim(void);

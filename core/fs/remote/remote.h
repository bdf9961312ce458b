// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * File systems whose files a server keeps: what 9P and virtio-fs share. Nodes,
 * descriptions and the page cache are here; a protocol (core/fs/ninep,
 * core/fs/virtiofs) gives the operations below, each of which is a message to
 * the server and its answer.
 *
 * The server is not believed: a protocol checks what an answer says of itself,
 * this room what it means (types, sizes, names). A server that is gone makes
 * every operation -EIO.
 */
#include "core/cache.h"
#include "core/vfs/vfs.h"

/* How far the server's files are taken to change by our hands alone. */
enum eft_remote_trust {
	EFT_REMOTE_NONE,  /* not at all: no pages, names and attributes kept */
	EFT_REMOTE_MMAP,  /* the same, but mappings have pages */
	EFT_REMOTE_LOOSE, /* pages, names and attributes are kept */
};

/* What the server says of a file. */
struct eft_remote_attributes {
	uint64_t ino, rdev, size, blocks; /* blocks of 512 bytes */
	uint32_t mode, uid, gid, nlink, blksize;
	struct eft_timespec atime, mtime, ctime;
};

/* set_attributes(): which of them. */
enum {
	EFT_REMOTE_SET_MODE = 1,
	EFT_REMOTE_SET_UID = 2,
	EFT_REMOTE_SET_GID = 4,
	EFT_REMOTE_SET_SIZE = 8,
	EFT_REMOTE_SET_ATIME = 16,
	EFT_REMOTE_SET_MTIME = 32,
};

/* The protocol's number of a file (9P: a fid; FUSE: a node), or of an open. */
typedef uint64_t eft_remote_handle;
#define EFT_REMOTE_NO_OPEN UINT64_MAX

/* Bytes in whole pages, but for the last; memory of eft_page_alloc(). */
struct eft_remote_data {
	uint64_t offset;
	void *const *page;
	unsigned count;
	size_t bytes; /* count * EFT_PAGE_SIZE or less */
};

struct eft_remote;

/* One end of a copy. */
struct eft_remote_end {
	eft_remote_handle handle, open;
	uint64_t offset;
};

/* One name of a directory; false: enough. */
typedef bool eft_remote_name_fn(void *arg, const char *name, size_t len,
				uint64_t ino, unsigned type, uint64_t cookie);

/*
 * Context of all: thread; they sleep. Names are not ended by a NUL, are shorter
 * than 256 bytes, and have no slash. They return 0, or Linux's errors as the
 * server says them (-EIO: it says nonsense, or is gone); counts where said.
 */
struct eft_remote_ops {
	/* The root's handle and attributes. */
	int (*root)(struct eft_remote *remote, eft_remote_handle *ret_handle,
		    struct eft_remote_attributes *ret_attributes);
	/* -ENOENT: there is none. What it gives is given back by forget(). */
	int (*lookup)(struct eft_remote *remote, eft_remote_handle dir,
		      const char *name, size_t len,
		      eft_remote_handle *ret_handle,
		      struct eft_remote_attributes *ret_attributes);
	void (*forget)(struct eft_remote *remote, eft_remote_handle handle);

	int (*get_attributes)(struct eft_remote *remote,
			      eft_remote_handle handle,
			      struct eft_remote_attributes *ret_attributes);
	/* (set): EFT_REMOTE_SET_…; *ret_attributes is what there is then. */
	int (*set_attributes)(struct eft_remote *remote,
			      eft_remote_handle handle, unsigned set,
			      const struct eft_remote_attributes *attributes,
			      struct eft_remote_attributes *ret_attributes);

	/*
	 * As eft_name_ops.create(): files of all types. -EEXIST: somebody has
	 * made one meanwhile. A regular file may come with an open of it by
	 * O_RDWR, *ret_open, to be closed as by open(); it works even if (spec)
	 * has a mode by which its owner could not open it. What does not come
	 * with one has EFT_REMOTE_NO_OPEN. (name) NULL: a regular file without
	 * one (O_TMPFILE); -EOPNOTSUPP where the protocol has none.
	 */
	int (*create)(struct eft_remote *remote, eft_remote_handle dir,
		      const char *name, size_t len,
		      const struct eft_node_spec *spec,
		      eft_remote_handle *ret_handle,
		      struct eft_remote_attributes *ret_attributes,
		      eft_remote_handle *ret_open);
	int (*link)(struct eft_remote *remote, eft_remote_handle dir,
		    const char *name, size_t len, eft_remote_handle handle);
	int (*unlink)(struct eft_remote *remote, eft_remote_handle dir,
		      const char *name, size_t len, bool is_dir);
	/* (exchange): -EINVAL where the protocol cannot. */
	int (*rename)(struct eft_remote *remote, eft_remote_handle from_dir,
		      const char *from, size_t from_len,
		      eft_remote_handle to_dir, const char *to, size_t to_len,
		      bool exchange);
	/* Its length. */
	ssize_t (*readlink)(struct eft_remote *remote, eft_remote_handle handle,
			    char *buf, size_t size);

	/* (flags): O_RDONLY, O_WRONLY or O_RDWR, and O_DIRECTORY. */
	int (*open)(struct eft_remote *remote, eft_remote_handle handle,
		    int flags, eft_remote_handle *ret_open);
	void (*close)(struct eft_remote *remote, eft_remote_handle handle,
		      eft_remote_handle open);
	/* How many bytes; 0 at the end. May be fewer than were asked for. */
	ssize_t (*read)(struct eft_remote *remote, eft_remote_handle handle,
			eft_remote_handle open,
			const struct eft_remote_data *data);
	ssize_t (*write)(struct eft_remote *remote, eft_remote_handle handle,
			 eft_remote_handle open,
			 const struct eft_remote_data *data);
	/* A directory's too, which was opened with O_DIRECTORY. */
	int (*sync)(struct eft_remote *remote, eft_remote_handle handle,
		    eft_remote_handle open, bool data_only);
	/* fallocate(2); NULL: -EOPNOTSUPP. */
	int (*allocate)(struct eft_remote *remote, eft_remote_handle handle,
			eft_remote_handle open, int mode, uint64_t offset,
			uint64_t len);
	/*
	 * lseek(2) by SEEK_DATA or SEEK_HOLE from (offset), before the end; all
	 * was written. NULL, or -ENOSYS: all is data.
	 */
	int64_t (*seek)(struct eft_remote *remote, eft_remote_handle handle,
			eft_remote_handle open, uint64_t offset, int whence);
	/*
	 * Have the server copy (len) bytes, between files of its own. How many
	 * it has; NULL, -ENOSYS or -EOPNOTSUPP: it does not do that.
	 */
	ssize_t (*copy)(struct eft_remote *remote,
			const struct eft_remote_end *from,
			const struct eft_remote_end *to, size_t len);
	/* Names behind (cookie), 0: from the first, `.` and `..` among them. */
	int (*read_dir)(struct eft_remote *remote, eft_remote_handle handle,
			eft_remote_handle open, uint64_t cookie,
			eft_remote_name_fn *fn, void *arg);
	int (*statfs)(struct eft_remote *remote, eft_remote_handle handle,
		      struct eft_statfs *ret_statfs);

	/* Nothing of it is in use any more: free it. */
	void (*destroy)(struct eft_remote *remote);
};

/*
 * Extended attributes (core/xattr.h), by a protocol, in a table of its own since
 * few programs use them. (data): whole pages, but for the last, 64 KiB at most.
 */
struct eft_remote_xattr_ops {
	/*
	 * The value of (name), or for NULL all names, each with a NUL, to (data);
	 * NULL: nowhere. How many bytes; -ERANGE: they do not fit.
	 */
	ssize_t (*get)(struct eft_remote *remote, eft_remote_handle handle,
		       const char *name, const struct eft_remote_data *data);
	/* (flags): EFT_XATTR_…. (data) has a byte at least, NULL: none. */
	int (*set)(struct eft_remote *remote, eft_remote_handle handle,
		   const char *name, const struct eft_remote_data *data,
		   int flags);
	int (*remove)(struct eft_remote *remote, eft_remote_handle handle,
		      const char *name);
};

/* One mount's; a protocol's own structure begins with it. */
struct eft_remote {
	const struct eft_remote_ops *ops;
	struct eft_remote_client *client; /* NULL: the protocol waits itself */
	enum eft_remote_trust trust;
	unsigned
		io_pages_max; /* that one read() or write() may have, 1 at least */
	uint32_t dev;
	bool read_only;
	/*
	 * A file has one handle, which each lookup() counts (FUSE). Else each
	 * gives a new one, and attributes' ino says which file it is (9P).
	 */
	bool handle_is_file;

	/* This room's own, cleared. */
	uint32_t nodes; /* atomic; the last one calls destroy() */
	struct eft_mutex table;
	struct eft_treap by_key; /* owned by table */
	struct eft_lock handles;
};

/*
 * The root of (remote), of which all but (dev) and this room's own is set: for
 * eft_fs_type.create().
 *
 * Returns   0; what ops->root() says; -ENOMEM
 * Owns      takes (remote), also on failure
 */
int eft_remote_create_root(struct eft_remote *remote, uint32_t dev,
			   struct eft_dir **ret_root);
/* eft_fs_type's. */
void eft_remote_destroy(struct eft_dir *root);
int eft_remote_statfs(struct eft_node *root, struct eft_node *node,
		      struct eft_statfs *ret_statfs);

/*
 * The words of (options), NULL: none, that all such file systems know: ro, rw,
 * cache=none|mmap|loose, timeout=SECONDS. (other) is asked for the rest; NULL:
 * -EINVAL.
 */
int eft_remote_parse_options(struct eft_remote *remote, const char *options,
			     int (*other)(struct eft_remote *remote,
					  const char *word, size_t len));

/*
 * For a protocol's struct eft_xattr_ops: the same, by (ops). Node locked.
 */
ssize_t eft_remote_xattr_get(struct eft_node *node,
			     const struct eft_remote_xattr_ops *ops,
			     const char *name, void *value, size_t size);
int eft_remote_xattr_set(struct eft_node *node,
			 const struct eft_remote_xattr_ops *ops,
			 const char *name, const void *value, size_t size,
			 int flags);
ssize_t eft_remote_xattr_list(struct eft_node *node,
			      const struct eft_remote_xattr_ops *ops,
			      char *names, size_t size);

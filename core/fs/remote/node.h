// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Files that a server keeps, in memory. Private to core/fs/remote:
 *
 *	mount.c          options, roots, statfs; the end of a mount
 *	node.c           nodes: one for each file; what opens what is no file
 *	attributes.c     what the server says of a file, checked
 *	handles.c        what the server calls a file, and opens of it
 *	names.c          operations by name
 *	dir.c            reading directories
 *	direct.c         reading and writing by the server
 *	kept.c           reading and writing by the page cache
 *	file.c           what both have; sizes, fallocate(2)
 *	contents.c       between the page cache and the server
 *	xattr.c, copy.c  extended attributes; copy_file_range(2)
 *	client.c         waiting for a server; it knows nothing of files
 *
 * IDENTITY One node for each file, found by what tells the server's files apart
 *        (eft_remote.handle_is_file), so that all names of a file share its
 *        pages. A directory is a new node wherever it is found: a server that
 *        shows one at two places, even below itself, makes no loop of ours.
 * LOCKS  A directory's, then a node's, over questions to the server; then
 *        (opening), over an open; then (table). What the page cache calls
 *        takes the last two at most (core/cache.h).
 */
#include "core/fs/remote/remote.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/thread.h"
#include "core/vfs/notify.h"

/* A handle: it is forgotten when nobody uses it. */
struct eft_remote_name {
	uint32_t references; /* owned by remote->handles */
	eft_remote_handle handle;
};

/* An open of a regular file, which descriptions and the page cache share. */
struct eft_remote_open {
	eft_remote_handle handle;
	unsigned users;
};

struct eft_remote_node {
	union {
		struct eft_node node;
		struct eft_dir dir;
		struct { /* a regular file */
			struct eft_node file_node;
			struct eft_cached cached;
		};
	};
	struct eft_remote *remote;
	uint64_t key;		      /* what tells it from others */
	struct eft_remote_name *name; /* owned by remote->handles */
	struct eft_treap_node by_key; /* owned by remote->table */
	bool in_table;

	/* What the server said. Owned by node.lock. */
	uint64_t size, blocks;
	uint32_t links, blksize;

	/* Atomic. */
	bool stale; /* the server has others: ask, however far it is trusted */
	bool lost;  /* the name that it was found by is gone */
	bool written; /* mtime and ctime are ours, until the server has all */

	struct eft_mutex opening;
	/* Owned by opening; by access mode. */
	struct eft_remote_open opens[3];
	unsigned descriptions;
	bool came_open; /* one of opens is for who asks first */

	char *target;		  /* a symbolic link's, when it was asked for */
	struct eft_node *special; /* what opens a device or a FIFO */
};

static inline struct eft_remote_node *eft_remote_node(struct eft_node *node)
{
	return eft_container_of(node, struct eft_remote_node, node);
}

static inline bool eft_remote_get_flag(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static inline void eft_remote_set_flag(bool *flag, bool value)
{
	__atomic_store_n(flag, value, __ATOMIC_RELEASE);
}

/* Does it have pages of the page cache? */
static inline bool eft_remote_has_pages(const struct eft_remote_node *node)
{
	return eft_node_is(&node->node, S_IFREG) &&
	       node->remote->trust != EFT_REMOTE_NONE;
}

/* Write what is dirty of its pages, if anything is. */
static inline void eft_remote_write_back(struct eft_remote_node *node)
{
	struct eft_cached *cached = &node->cached;

	if (eft_remote_has_pages(node) &&
	    (__atomic_load_n(&cached->dirty_pages, __ATOMIC_RELAXED) > 0 ||
	     __atomic_load_n(&cached->writes, __ATOMIC_RELAXED) > 0))
		eft_cached_write_back(cached);
}

/* Operations of a description, which tell who watches, if there is somebody. */
static inline const struct eft_file_ops *
eft_remote_watched(const struct eft_place *place,
		   const struct eft_file_ops *ops)
{
	return eft_watch_ops != NULL ? eft_watch_ops(place, ops) : ops;
}

/* Log that something of (node) could not be written. */
void eft_remote_say_lost(const struct eft_remote_node *node);

/*
 * Nodes: node.c.
 */

/*
 * The node of (handle), which is taken, also on failure; counted. (made): it is
 * a new file, whatever the table says.
 *
 * Returns   0; -ENOMEM; -EIO (attributes) are no file's
 */
int eft_remote_node_get(struct eft_remote *remote, eft_remote_handle handle,
			const struct eft_remote_attributes *attributes,
			bool made, struct eft_remote_node **ret_node);
/*
 * Is (node), found at some name before, what the server finds there now? Then it
 * has (handle), which is taken, and (attributes) from now on.
 */
bool eft_remote_node_is(const struct eft_remote_node *node,
			eft_remote_handle handle,
			const struct eft_remote_attributes *attributes);
int eft_remote_node_renew(struct eft_remote_node *node,
			  eft_remote_handle handle,
			  const struct eft_remote_attributes *attributes);
/* It has lost its last name: whatever has its number from now on is another. */
void eft_remote_node_unname(struct eft_remote_node *node);
/* The regular file of (key) or the next one, counted; NULL: there is none. */
struct eft_remote_node *eft_remote_node_next(struct eft_remote *remote,
					     uint64_t key);

extern const struct eft_node_type eft_remote_dir_type;

/*
 * Attributes: attributes.c.
 */

/* 0; -EIO they are no file's. */
int eft_remote_attributes_check(const struct eft_remote_attributes *attributes);
/* (node), locked or new, has them. */
void eft_remote_attributes_take(struct eft_remote_node *node,
				const struct eft_remote_attributes *attributes);
/* Ask the server, if it may know better. Node locked. */
int eft_remote_attributes_ask(struct eft_remote_node *node);
int eft_remote_stat(struct eft_node *node, struct eft_stat *st);
int eft_remote_set_attributes(struct eft_node *node,
			      const struct eft_stat *wanted, unsigned which);
/* The same, by the server's names of them. Node locked. */
int eft_remote_set(struct eft_remote_node *node, unsigned set,
		   const struct eft_remote_attributes *wanted);
/* The pages changed, and the server has not got them. Node locked. */
void eft_remote_modified(struct eft_remote_node *node);

/*
 * Handles and opens: handles.c.
 */

/* NULL: out of memory, and (handle) is forgotten. */
struct eft_remote_name *eft_remote_name_create(struct eft_remote *remote,
					       eft_remote_handle handle);
struct eft_remote_name *eft_remote_name_get(struct eft_remote_node *node);
void eft_remote_name_put(struct eft_remote *remote,
			 struct eft_remote_name *name);
/* (node) is called (name), which is taken, from now on. */
void eft_remote_name_set(struct eft_remote_node *node,
			 struct eft_remote_name *name);

/* An open of (mode), O_RDONLY, O_WRONLY or O_RDWR, or of more; counted. */
int eft_remote_open_get(struct eft_remote_node *node, int mode,
			struct eft_remote_open **ret_open);
void eft_remote_open_put(struct eft_remote_node *node,
			 struct eft_remote_open *open);
/* (node), which is new, was made with (handle), an open by O_RDWR. */
void eft_remote_open_came(struct eft_remote_node *node,
			  eft_remote_handle handle);
/* Nobody has it any more. */
void eft_remote_open_end(struct eft_remote_node *node);

/*
 * Contents.
 */

/*
 * Pages between the program's memory and the server, or of the page cache: their
 * bytes of (data), which are counted in what is returned.
 *
 * Returns   the bytes; fewer at the end, or if some could not be written; or an
 *           error
 */
ssize_t eft_remote_read(struct eft_remote_node *node,
			struct eft_remote_open *open,
			const struct eft_remote_data *data);
ssize_t eft_remote_write(struct eft_remote_node *node,
			 struct eft_remote_open *open,
			 const struct eft_remote_data *data);

/* A description of a regular file. */
struct eft_remote_file {
	struct eft_node_file nf;
	struct eft_remote_open *open; /* counted */
};

static inline struct eft_remote_file *eft_remote_file(struct eft_file *file)
{
	return eft_container_of(file, struct eft_remote_file, nf.file);
}

static inline struct eft_remote_node *eft_remote_node_of(struct eft_file *file)
{
	return eft_remote_node(eft_node_file(file)->place.node);
}

/* file.c, for the two ways to read and write. */
int eft_remote_file_open(const struct eft_place *place, int flags,
			 struct eft_file **ret_file);
int eft_remote_file_closed(struct eft_file *file);
void eft_remote_file_release(struct eft_file *file);
int eft_remote_file_sync(struct eft_file *file, bool data_only);
int eft_remote_file_set_size(struct eft_file *file, off_t size);
int eft_remote_file_allocate(struct eft_file *file, int mode, off_t offset,
			     off_t len);
off_t eft_remote_file_seek(struct eft_file *file, off_t offset, int whence);
struct eft_pages *eft_remote_file_pages(struct eft_file *file);
int eft_remote_file_sync_map(struct eft_file *file, uintptr_t addr, size_t len,
			     int flags);
/* What (transfer) did, which has written (n) bytes, has to last. */
ssize_t eft_remote_file_written(struct eft_file *file, ssize_t n);
int eft_remote_set_size(struct eft_node *node, off_t size);
/* The server has changed (len) bytes of (node), which is locked. */
void eft_remote_changed(struct eft_remote_node *node, uint64_t offset,
			uint64_t len);
extern const struct eft_file_ops eft_remote_direct_ops, eft_remote_mapped_ops,
	eft_remote_kept_ops;

extern const struct eft_cached_source eft_remote_source; /* contents.c */
extern const struct eft_name_ops eft_remote_names;	 /* names.c */
int eft_remote_dir_open(const struct eft_place *place, int flags,
			struct eft_file **ret_file);

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * virtio-fs: files that a server on the host keeps (virtiofsd), by FUSE's
 * messages over a channel (core/dev/share.h). Private to this room.
 *
 *	message.c   a request, from its first byte to the check of its answer
 *	node.c      nodes: attributes, lookups, links' targets, statfs
 *	name.c      names that are made, moved and removed
 *	file.c      what is open: read, write, sync, fallocate
 *	dir.c       names of a directory
 *	xattr.c     extended attributes
 *	type.c      mounting: what the two sides agree on
 *
 * An answer that is none (of another request, too long, with an attribute that
 * cannot be) fails the mount for good: the log says once what was wrong, and
 * all that is asked afterwards is -EIO.
 */
#include "core/dev/share.h"
#include "core/fs/remote/client.h"
#include "core/fs/remote/remote.h"
#include "core/fs/virtiofs/fuse.h"
#include "core/thread.h"

/* Pages that one read or write may have: as many as Linux's servers take. */
enum { EFT_VIRTIOFS_PAGES = 32 };
/* Of a request: header and arguments, data; the answer's header. */
enum { EFT_VIRTIOFS_PARTS = EFT_VIRTIOFS_PAGES + 2 };

struct eft_virtiofs_message;

struct eft_virtiofs {
	struct eft_remote remote;	 /* first */
	struct eft_remote_client client; /* its room: (spare) came back, too */
	/* Owned by client.lock. */
	uint64_t last_unique;
	struct eft_virtiofs_message *spare; /* NULL: somebody has it */
};

/* One request and its answer. */
struct eft_virtiofs_message {
	struct eft_remote_question question;
	struct eft_virtiofs *fs;
	bool is_spare; /* fs->spare */
	uint64_t unique;

	/* A page: what the server reads, and far behind, what it writes. */
	uint8_t *page;
	uint32_t out_bytes; /* in the page */
	uint32_t data_out, data_in;
	struct eft_share_part part[EFT_VIRTIOFS_PARTS];
};

static inline struct eft_virtiofs *eft_virtiofs(struct eft_remote *remote)
{
	return eft_container_of(remote, struct eft_virtiofs, remote);
}

/*
 * Begin a message about (node). Sleeps if there is no memory until there is
 * some: it does not fail, and is to be ended.
 */
struct eft_virtiofs_message *eft_virtiofs_ask(struct eft_virtiofs *fs,
					      enum eft_fuse_opcode opcode,
					      uint64_t node);
void eft_virtiofs_end(struct eft_virtiofs_message *message);

/* Append arguments; a name, and a NUL. */
void eft_virtiofs_put(struct eft_virtiofs_message *message, const void *data,
		      size_t len);
void eft_virtiofs_put_name(struct eft_virtiofs_message *message,
			   const char *name, size_t len);

/* Have the server read (bytes) of (data) too, or (in) write them. */
void eft_virtiofs_lend(struct eft_virtiofs_message *message,
		       const struct eft_remote_data *data, bool in);

/*
 * Send it, and wait for the answer: of (fixed) bytes, which are copied to
 * (reply), and then data, if some were lent for that.
 *
 * Returns   how many bytes of data there are; the server's error; -EIO, also
 *           when the answer is none
 */
ssize_t eft_virtiofs_call(struct eft_virtiofs_message *message, void *reply,
			  size_t fixed);

/*
 * Send it, and do not wait: nothing depends on an answer. It is taken, and
 * ends by itself.
 */
void eft_virtiofs_tell(struct eft_virtiofs_message *message);

/* The server has said nonsense: (why). Returns -EIO. Context: any. */
static inline int eft_virtiofs_nonsense(struct eft_virtiofs *fs,
					const char *why)
{
	return eft_remote_nonsense(&fs->client, why);
}

/* The spare message of (fs): 0; -ENOMEM. */
int eft_virtiofs_make_spare(struct eft_virtiofs *fs);
void eft_virtiofs_free_spare(struct eft_virtiofs *fs);

/* Attributes as they came. Returns 0; -EIO they cannot be. */
int eft_virtiofs_convert(struct eft_virtiofs *fs,
			 const struct eft_fuse_attr *attr,
			 struct eft_remote_attributes *ret_attributes);
/* An entry as it came. Returns 0; -EIO it cannot be. */
int eft_virtiofs_take_entry(struct eft_virtiofs *fs,
			    const struct eft_fuse_entry_out *entry,
			    uint64_t *ret_node,
			    struct eft_remote_attributes *ret_attributes);

/* An open file or directory: what an eft_remote_handle of an open points to. */
struct eft_virtiofs_open {
	uint64_t fh; /* the server's */
	bool is_dir;
};

static inline struct eft_virtiofs_open *
eft_virtiofs_open(eft_remote_handle open)
{
	return (struct eft_virtiofs_open *)(uintptr_t)open;
}

/* The operations (remote.h), by file. */
int eft_virtiofs_root(struct eft_remote *remote, eft_remote_handle *ret_handle,
		      struct eft_remote_attributes *ret_attributes);
int eft_virtiofs_lookup(struct eft_remote *remote, eft_remote_handle dir,
			const char *name, size_t len,
			eft_remote_handle *ret_handle,
			struct eft_remote_attributes *ret_attributes);
void eft_virtiofs_forget(struct eft_remote *remote, eft_remote_handle handle);
int eft_virtiofs_get_attributes(struct eft_remote *remote,
				eft_remote_handle handle,
				struct eft_remote_attributes *ret_attributes);
int eft_virtiofs_set_attributes(struct eft_remote *remote,
				eft_remote_handle handle, unsigned set,
				const struct eft_remote_attributes *attributes,
				struct eft_remote_attributes *ret_attributes);
ssize_t eft_virtiofs_readlink(struct eft_remote *remote,
			      eft_remote_handle handle, char *buf, size_t size);
int eft_virtiofs_statfs(struct eft_remote *remote, eft_remote_handle handle,
			struct eft_statfs *ret_statfs);

int eft_virtiofs_create(struct eft_remote *remote, eft_remote_handle dir,
			const char *name, size_t len,
			const struct eft_node_spec *spec,
			eft_remote_handle *ret_handle,
			struct eft_remote_attributes *ret_attributes,
			eft_remote_handle *ret_open);
int eft_virtiofs_link(struct eft_remote *remote, eft_remote_handle dir,
		      const char *name, size_t len, eft_remote_handle handle);
int eft_virtiofs_unlink(struct eft_remote *remote, eft_remote_handle dir,
			const char *name, size_t len, bool is_dir);
int eft_virtiofs_rename(struct eft_remote *remote, eft_remote_handle from_dir,
			const char *from, size_t from_len,
			eft_remote_handle to_dir, const char *to, size_t to_len,
			bool exchange);

int eft_virtiofs_open_node(struct eft_remote *remote, eft_remote_handle handle,
			   int flags, eft_remote_handle *ret_open);
void eft_virtiofs_close(struct eft_remote *remote, eft_remote_handle handle,
			eft_remote_handle open);
ssize_t eft_virtiofs_read(struct eft_remote *remote, eft_remote_handle handle,
			  eft_remote_handle open,
			  const struct eft_remote_data *data);
ssize_t eft_virtiofs_write(struct eft_remote *remote, eft_remote_handle handle,
			   eft_remote_handle open,
			   const struct eft_remote_data *data);
int eft_virtiofs_sync(struct eft_remote *remote, eft_remote_handle handle,
		      eft_remote_handle open, bool data_only);
int64_t eft_virtiofs_seek(struct eft_remote *remote, eft_remote_handle handle,
			  eft_remote_handle open, uint64_t offset, int whence);
ssize_t eft_virtiofs_copy(struct eft_remote *remote,
			  const struct eft_remote_end *from,
			  const struct eft_remote_end *to, size_t len);
int eft_virtiofs_allocate(struct eft_remote *remote, eft_remote_handle handle,
			  eft_remote_handle open, int mode, uint64_t offset,
			  uint64_t len);
int eft_virtiofs_read_dir(struct eft_remote *remote, eft_remote_handle handle,
			  eft_remote_handle open, uint64_t cookie,
			  eft_remote_name_fn *fn, void *arg);

extern const struct eft_remote_xattr_ops eft_virtiofs_xattr_ops; /* xattr.c */

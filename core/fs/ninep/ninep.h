// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * 9P2000.L: files that a server keeps, by messages over a channel
 * (core/dev/share.h). What becomes of them above is core/fs/remote's.
 *
 *	fcall.c       messages as bytes
 *	call.c        one message and its answer; tag.c: which tags are used
 *	fid.c         which numbers of files are used; giving them back
 *	walk.c        from a name to a file; the root
 *	attributes.c  what the server says of a file, and changing that
 *	make.c        files of all types; links
 *	names.c       removing, renaming, targets of links
 *	file.c        open files: their bytes
 *	directory.c   open directories: their names
 *	xattr.c       extended attributes
 *	fs.c, type.c  mounting
 *
 * A thread that makes a call sleeps until the answer is there, and no signal
 * ends that: memory is lent to the server meanwhile. (There is no Tflush, which
 * is for taking a request back.) Several threads' calls are under way at a time.
 *
 * What an answer says of itself is checked: its length, type, tag, and counts.
 * A server that says nonsense is not asked again: the log tells so, once, its
 * channel is made to fail, and all calls are -EIO from then on. So it is with one
 * that says nothing (core/fs/remote/client.h).
 */
#include "core/dev/share.h"
#include "core/fs/ninep/fcall.h"
#include "core/fs/remote/client.h"
#include "core/fs/remote/remote.h"
#include "core/thread.h"

enum {
	EFT_NINEP_TAGS = 16,	     /* calls at a time */
	EFT_NINEP_MESSAGE = 768,     /* the longest request, but for a link's */
	EFT_NINEP_ANSWER = 256,	     /* the longest answer, but for data */
	EFT_NINEP_MESSAGE_PAGES = 4, /* for a request and an answer of each */
	EFT_NINEP_PAGES_MAX = 32,    /* of data in a call */
	EFT_NINEP_PARTS_MAX = EFT_NINEP_PAGES_MAX + 2,
	EFT_NINEP_MSIZE_MIN = EFT_PAGE_SIZE + EFT_NINEP_IO_HEAD,
};

/* A file that the layer above knows: its handle is a pointer to it. */
struct eft_ninep_file {
	uint32_t fid;
	uint32_t type; /* S_IF… */
	uint64_t path; /* of its qid: another's is another file */
};

struct eft_ninep {
	struct eft_remote remote;	 /* first */
	struct eft_remote_client client; /* its room: for a tag, too */
	uint32_t
		msize; /* the longest message: before version(), as is wanted */
	uint32_t uid;  /* the user's, as whom files are made */
	bool no_xattrs; /* the option noxattr */

	void *message[EFT_NINEP_MESSAGE_PAGES];

	/* Owned by client.lock. */
	uint32_t tags; /* those that are used, as bits */
	uint64_t *fid; /* those that are used, as bits */
	unsigned fid_words;
	unsigned fid_low; /* no word before it has a free one */
};

static inline struct eft_ninep *eft_ninep_of(struct eft_remote *remote)
{
	return eft_container_of(remote, struct eft_ninep, remote);
}

static inline struct eft_ninep_file *eft_ninep_file(eft_remote_handle handle)
{
	return (struct eft_ninep_file *)(uintptr_t)handle;
}

/*
 * Calls.
 */

struct eft_ninep_call {
	struct eft_ninep *fs;
	struct eft_ninep_bytes t; /* the request, which the caller completes */
	struct eft_ninep_bytes
		r; /* the answer behind its head, if there is one */
	uint8_t type;
	unsigned tag;
	uint32_t answer_bytes; /* the whole answer's */

	struct eft_remote_question question;
	struct eft_share_part part[EFT_NINEP_PARTS_MAX];
	uint8_t answer[EFT_NINEP_ANSWER]; /* which the server sees no more */
};

/*
 * Begin a call of (type), when there is a tag, and end it: each that was begun.
 *
 * error     what the call has come to so far; an answer is to be used up
 * Returns   (error); -EIO the answer was longer or shorter
 */
void eft_ninep_begin(struct eft_ninep *fs, struct eft_ninep_call *call,
		     uint8_t type);
int eft_ninep_end(struct eft_ninep_call *call, int error);

/*
 * Have the request's bytes in (memory), of (size), instead of the tag's own:
 * before anything was put.
 */
void eft_ninep_use_memory(struct eft_ninep_call *call, void *memory,
			  uint32_t size);

/*
 * Send the request, with the bytes of (out) behind it, and wait for the answer;
 * what it has behind the first EFT_NINEP_DATA_HEAD bytes goes to (in).
 *
 * out, in   NULL: none
 * Returns   0; what the server says; -EIO it fails
 */
int eft_ninep_talk(struct eft_ninep_call *call,
		   const struct eft_remote_data *out,
		   const struct eft_remote_data *in);

/* The server says nonsense, as (why) tells: it is not asked again. -EIO. */
static inline int eft_ninep_nonsense(struct eft_ninep *fs, const char *why)
{
	return eft_remote_nonsense(&fs->client, why);
}

/* The same of a call, which this ends. */
static inline int eft_ninep_call(struct eft_ninep_call *call)
{
	return eft_ninep_end(call, eft_ninep_talk(call, NULL, NULL));
}

/* A tag, when there is one; and back, which others may wait for. */
unsigned eft_ninep_tag_take(struct eft_ninep *fs);
void eft_ninep_tag_give(struct eft_ninep *fs, unsigned tag);

/*
 * Fids.
 */

/* Returns   0; -ENOMEM */
int eft_ninep_fid_take(struct eft_ninep *fs, uint32_t *ret_fid);
/* One that the server does not know. */
void eft_ninep_fid_give(struct eft_ninep *fs, uint32_t fid);
/* One that it does: whatever it answers, it does not know it afterwards. */
int eft_ninep_clunk(struct eft_ninep *fs, uint32_t fid);

/*
 * Make (fid) what (from) is, or what (name) is in there; (len) 0: no name.
 *
 * Returns   0; what the server says
 */
int eft_ninep_walk(struct eft_ninep *fs, uint32_t from, const char *name,
		   size_t len, uint32_t fid, struct eft_ninep_qid *ret_qid);

/*
 * Files. A new one has a fid that is taken, and that the server does not know:
 * destroy() as long as that is so. NULL: out of memory.
 */
struct eft_ninep_file *eft_ninep_file_create(struct eft_ninep *fs);
void eft_ninep_file_destroy(struct eft_ninep *fs, struct eft_ninep_file *file);

/*
 * Walk from (dir) to (name), and ask what is there, which (file) is then.
 *
 * Owns      takes (file), a new one, on failure only
 */
int eft_ninep_find(struct eft_ninep *fs, uint32_t dir, const char *name,
		   size_t len, struct eft_ninep_file *file,
		   struct eft_remote_attributes *ret_attributes);

/* Agree with the server. Returns   0; an error, of which the log tells. */
int eft_ninep_version(struct eft_ninep *fs);

/*
 * The operations.
 */
int eft_ninep_root(struct eft_remote *remote, eft_remote_handle *ret_handle,
		   struct eft_remote_attributes *ret_attributes);
int eft_ninep_lookup(struct eft_remote *remote, eft_remote_handle dir,
		     const char *name, size_t len,
		     eft_remote_handle *ret_handle,
		     struct eft_remote_attributes *ret_attributes);
void eft_ninep_forget(struct eft_remote *remote, eft_remote_handle handle);
int eft_ninep_get_attributes(struct eft_remote *remote,
			     eft_remote_handle handle,
			     struct eft_remote_attributes *ret_attributes);
int eft_ninep_set_attributes(struct eft_remote *remote,
			     eft_remote_handle handle, unsigned set,
			     const struct eft_remote_attributes *attributes,
			     struct eft_remote_attributes *ret_attributes);
int eft_ninep_statfs(struct eft_remote *remote, eft_remote_handle handle,
		     struct eft_statfs *ret_statfs);
int eft_ninep_create(struct eft_remote *remote, eft_remote_handle dir,
		     const char *name, size_t len,
		     const struct eft_node_spec *spec,
		     eft_remote_handle *ret_handle,
		     struct eft_remote_attributes *ret_attributes,
		     eft_remote_handle *ret_open);
int eft_ninep_link(struct eft_remote *remote, eft_remote_handle dir,
		   const char *name, size_t len, eft_remote_handle handle);
int eft_ninep_unlink(struct eft_remote *remote, eft_remote_handle dir,
		     const char *name, size_t len, bool is_dir);
int eft_ninep_rename(struct eft_remote *remote, eft_remote_handle from_dir,
		     const char *from, size_t from_len,
		     eft_remote_handle to_dir, const char *to, size_t to_len,
		     bool exchange);
ssize_t eft_ninep_readlink(struct eft_remote *remote, eft_remote_handle handle,
			   char *buf, size_t size);
int eft_ninep_open(struct eft_remote *remote, eft_remote_handle handle,
		   int flags, eft_remote_handle *ret_open);
void eft_ninep_close(struct eft_remote *remote, eft_remote_handle handle,
		     eft_remote_handle open);
ssize_t eft_ninep_read(struct eft_remote *remote, eft_remote_handle handle,
		       eft_remote_handle open,
		       const struct eft_remote_data *data);
ssize_t eft_ninep_write(struct eft_remote *remote, eft_remote_handle handle,
			eft_remote_handle open,
			const struct eft_remote_data *data);
int eft_ninep_sync(struct eft_remote *remote, eft_remote_handle handle,
		   eft_remote_handle open, bool data_only);
int eft_ninep_read_dir(struct eft_remote *remote, eft_remote_handle handle,
		       eft_remote_handle open, uint64_t cookie,
		       eft_remote_name_fn *fn, void *arg);

/* A mount without a server; NULL: out of memory. eft_ninep_destroy() ends it. */
struct eft_ninep *eft_ninep_fs_create(void);
/*
 * Have the channel (tag), and agree with the server.
 *
 * Returns   0; an error, of which the log tells
 */
int eft_ninep_connect(struct eft_ninep *fs, const char *tag);
void eft_ninep_destroy(struct eft_remote *remote);
extern const struct eft_remote_ops eft_ninep_ops;

extern const struct eft_remote_xattr_ops eft_ninep_xattr_ops; /* xattr.c */

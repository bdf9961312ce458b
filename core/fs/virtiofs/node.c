// SPDX-License-Identifier: BSD-3-Clause
/*
 * Nodes. Each answer that tells of one is a count of the server's, which
 * forget() gives back; the layer above does so once for each handle.
 */
#include "core/abi.h"
#include "core/fs/virtiofs/virtiofs.h"
#include "core/mem.h"

_Static_assert(EFT_REMOTE_SET_MODE == (int)EFT_FUSE_SET_MODE, "");
_Static_assert(EFT_REMOTE_SET_UID == (int)EFT_FUSE_SET_UID, "");
_Static_assert(EFT_REMOTE_SET_GID == (int)EFT_FUSE_SET_GID, "");
_Static_assert(EFT_REMOTE_SET_SIZE == (int)EFT_FUSE_SET_SIZE, "");
_Static_assert(EFT_REMOTE_SET_ATIME == (int)EFT_FUSE_SET_ATIME, "");
_Static_assert(EFT_REMOTE_SET_MTIME == (int)EFT_FUSE_SET_MTIME, "");

static bool is_type(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFSOCK:
	case S_IFLNK:
	case S_IFREG:
	case S_IFBLK:
	case S_IFDIR:
	case S_IFCHR:
	case S_IFIFO:
		return (mode & ~(uint32_t)(S_IFMT | 07777)) == 0;
	default:
		return false;
	}
}

static bool is_time(uint32_t nsec)
{
	return nsec < 1000000000;
}

static struct eft_timespec make_time(uint64_t sec, uint32_t nsec)
{
	return (struct eft_timespec){(int64_t)sec, nsec};
}

int eft_virtiofs_convert(struct eft_virtiofs *fs, const struct eft_fuse_attr *a,
			 struct eft_remote_attributes *ret_attributes)
{
	if (!is_type(a->mode))
		return eft_virtiofs_nonsense(fs, "a file has no type");
	if (a->size > INT64_MAX)
		return eft_virtiofs_nonsense(fs, "a file's size is negative");
	if (!is_time(a->atimensec) || !is_time(a->mtimensec) ||
	    !is_time(a->ctimensec))
		return eft_virtiofs_nonsense(fs, "a file's time is none");
	*ret_attributes = (struct eft_remote_attributes){
		.ino = a->ino,
		.rdev = a->rdev, /* Linux's new_encode_dev() */
		.size = a->size,
		.blocks = a->blocks,
		.mode = a->mode,
		.uid = a->uid,
		.gid = a->gid,
		.nlink = a->nlink,
		.blksize = a->blksize,
		.atime = make_time(a->atime, a->atimensec),
		.mtime = make_time(a->mtime, a->mtimensec),
		.ctime = make_time(a->ctime, a->ctimensec),
	};
	return 0;
}

/* Send (message), whose answer is attributes. It ends. */
static int get_attr(struct eft_virtiofs_message *message,
		    struct eft_remote_attributes *ret_attributes)
{
	struct eft_virtiofs *fs = message->fs;
	struct eft_fuse_attr_out out;
	ssize_t error = eft_virtiofs_call(message, &out, sizeof(out));

	eft_virtiofs_end(message);
	if (error != 0)
		return (int)error;
	return eft_virtiofs_convert(fs, &out.attr, ret_attributes);
}

int eft_virtiofs_take_entry(struct eft_virtiofs *fs,
			    const struct eft_fuse_entry_out *entry,
			    uint64_t *ret_node,
			    struct eft_remote_attributes *ret_attributes)
{
	int error;

	if (entry->node == 0 || entry->node == EFT_FUSE_ROOT)
		return eft_virtiofs_nonsense(fs, "a file has no node");
	error = eft_virtiofs_convert(fs, &entry->attr, ret_attributes);
	if (error == 0)
		*ret_node = entry->node;
	return error;
}

int eft_virtiofs_root(struct eft_remote *remote, eft_remote_handle *ret_handle,
		      struct eft_remote_attributes *ret_attributes)
{
	int error = eft_virtiofs_get_attributes(remote, EFT_FUSE_ROOT,
						ret_attributes);

	if (error == 0)
		*ret_handle = EFT_FUSE_ROOT;
	return error;
}

int eft_virtiofs_lookup(struct eft_remote *remote, eft_remote_handle dir,
			const char *name, size_t len,
			eft_remote_handle *ret_handle,
			struct eft_remote_attributes *ret_attributes)
{
	struct eft_virtiofs *fs = eft_virtiofs(remote);
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(fs, EFT_FUSE_LOOKUP, dir);
	struct eft_fuse_entry_out out;
	ssize_t error;

	eft_virtiofs_put_name(message, name, len);
	error = eft_virtiofs_call(message, &out, sizeof(out));
	eft_virtiofs_end(message);
	if (error != 0)
		return (int)error;
	if (out.node == 0) /* -ENOENT that may be kept for a while */
		return -ENOENT;
	return eft_virtiofs_take_entry(fs, &out, ret_handle, ret_attributes);
}

/* The root was never told of. */
void eft_virtiofs_forget(struct eft_remote *remote, eft_remote_handle handle)
{
	struct eft_fuse_forget_in in = {.count = 1};
	struct eft_virtiofs_message *message;

	if (handle == EFT_FUSE_ROOT)
		return;
	message =
		eft_virtiofs_ask(eft_virtiofs(remote), EFT_FUSE_FORGET, handle);
	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_tell(message);
}

int eft_virtiofs_get_attributes(struct eft_remote *remote,
				eft_remote_handle handle,
				struct eft_remote_attributes *ret_attributes)
{
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		eft_virtiofs(remote), EFT_FUSE_GETATTR, handle);
	struct eft_fuse_getattr_in in = {.flags = 0};

	eft_virtiofs_put(message, &in, sizeof(in));
	return get_attr(message, ret_attributes);
}

int eft_virtiofs_set_attributes(struct eft_remote *remote,
				eft_remote_handle handle, unsigned set,
				const struct eft_remote_attributes *a,
				struct eft_remote_attributes *ret_attributes)
{
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		eft_virtiofs(remote), EFT_FUSE_SETATTR, handle);
	struct eft_fuse_setattr_in in = {
		.valid = set,
		.size = a->size,
		.atime = (uint64_t)a->atime.sec,
		.mtime = (uint64_t)a->mtime.sec,
		.atimensec = (uint32_t)a->atime.nsec,
		.mtimensec = (uint32_t)a->mtime.nsec,
		.mode = a->mode,
		.uid = a->uid,
		.gid = a->gid,
	};

	eft_virtiofs_put(message, &in, sizeof(in));
	return get_attr(message, ret_attributes);
}

/* A link's target ends where the answer does; it has no NUL. */
static ssize_t take_target(struct eft_virtiofs *fs, const char *target,
			   size_t len, char *buf, size_t size)
{
	size_t now = eft_min(len, size);

	if (len == 0)
		return eft_virtiofs_nonsense(fs, "a link leads nowhere");
	memcpy(buf, target, now);
	if (eft_strnlen(buf, now) < now)
		return eft_virtiofs_nonsense(fs, "a link's target has a NUL");
	return (ssize_t)now;
}

ssize_t eft_virtiofs_readlink(struct eft_remote *remote,
			      eft_remote_handle handle, char *buf, size_t size)
{
	struct eft_virtiofs *fs = eft_virtiofs(remote);
	void *page = eft_page_alloc(0);
	struct eft_remote_data data = {
		.page = &page, .count = 1, .bytes = PATH_MAX - 1};
	struct eft_virtiofs_message *message;
	ssize_t len;

	if (page == NULL)
		return -ENOMEM;
	message = eft_virtiofs_ask(fs, EFT_FUSE_READLINK, handle);
	eft_virtiofs_lend(message, &data, true);
	len = eft_virtiofs_call(message, NULL, 0);
	eft_virtiofs_end(message);
	if (len >= 0)
		len = take_target(fs, page, (size_t)len, buf, size);
	eft_page_free(page);
	return len;
}

int eft_virtiofs_statfs(struct eft_remote *remote, eft_remote_handle handle,
			struct eft_statfs *ret_statfs)
{
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(eft_virtiofs(remote), EFT_FUSE_STATFS, handle);
	struct eft_fuse_statfs_out out;
	ssize_t error = eft_virtiofs_call(message, &out, sizeof(out));

	eft_virtiofs_end(message);
	if (error != 0)
		return (int)error;
	*ret_statfs = (struct eft_statfs){
		.bsize = out.bsize,
		.blocks = out.blocks,
		.bfree = out.bfree,
		.bavail = out.bavail,
		.files = out.files,
		.ffree = out.ffree,
		.namelen = out.namelen,
		.frsize = out.frsize,
	};
	return 0;
}

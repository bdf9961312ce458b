// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes. Each has a fid for a while: Txattrwalk makes one that is
 * read, for a name or for all of them; Txattrcreate has one be written, and its
 * Tclunk says what became of it. A value without a byte removes (diod,
 * protocol.md), so that there is none.
 */
#include "core/xattr.h"
#include "core/fs/ninep/ninep.h"
#include "core/lib.h"
#include "core/vfs/root.h"

static int begin(struct eft_ninep *fs, uint32_t *ret_fid)
{
	return fs->no_xattrs ? -EOPNOTSUPP : eft_ninep_fid_take(fs, ret_fid);
}

/* *ret_size: the bytes that (fid), a new one, has. */
static int walk(struct eft_ninep *fs, uint32_t file, const char *name,
		uint32_t fid, uint64_t *ret_size)
{
	struct eft_ninep_call call;
	int error;

	eft_ninep_begin(fs, &call, EFT_NINEP_XATTRWALK);
	eft_ninep_put32(&call.t, file);
	eft_ninep_put32(&call.t, fid);
	eft_ninep_put_string(&call.t, name != NULL ? name : "",
			     name != NULL ? eft_strlen(name) : 0);
	error = eft_ninep_talk(&call, NULL, NULL);
	if (error == 0)
		*ret_size = eft_ninep_get(&call.r, 8);
	return eft_ninep_end(&call, error);
}

/* As much of (data) from (done) on as a message may have. */
static struct eft_remote_data part_of(const struct eft_remote *remote,
				      const struct eft_remote_data *data,
				      size_t done, size_t all)
{
	size_t most = (size_t)remote->io_pages_max * EFT_PAGE_SIZE;
	size_t bytes = eft_min(all - done, most);

	return (struct eft_remote_data){
		.offset = done,
		.page = data->page + done / EFT_PAGE_SIZE,
		.count = (unsigned)((bytes + EFT_PAGE_MASK) / EFT_PAGE_SIZE),
		.bytes = bytes,
	};
}

/* All of (size) bytes: what comes in part has changed meanwhile. */
static ssize_t read_value(struct eft_remote *remote, uint32_t fid,
			  const struct eft_remote_data *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		const struct eft_remote_data part =
			part_of(remote, data, done, size);
		ssize_t n = eft_ninep_read(remote, 0, fid, &part);

		if (n < 0)
			return n;
		if ((size_t)n != part.bytes)
			return -EIO;
		done += part.bytes;
	}
	return (ssize_t)size;
}

static ssize_t get(struct eft_remote *remote, eft_remote_handle handle,
		   const char *name, const struct eft_remote_data *data)
{
	struct eft_ninep *fs = eft_ninep_of(remote);
	uint64_t size = 0;
	uint32_t fid;
	ssize_t n = begin(fs, &fid);

	if (n != 0)
		return n;
	n = walk(fs, eft_ninep_file(handle)->fid, name, fid, &size);
	if (n != 0) {
		eft_ninep_fid_give(fs, fid);
		return n;
	}
	if (size > EFT_XATTR_VALUE_MAX)
		n = -E2BIG;
	else if (data == NULL)
		n = (ssize_t)size;
	else if (size > data->bytes)
		n = -ERANGE;
	else
		n = read_value(remote, fid, data, size);
	eft_ninep_clunk(fs, fid);
	return n;
}

static int create(struct eft_ninep *fs, uint32_t fid, const char *name,
		  size_t size, int flags)
{
	struct eft_ninep_call call;

	eft_ninep_begin(fs, &call, EFT_NINEP_XATTRCREATE);
	eft_ninep_put32(&call.t, fid);
	eft_ninep_put_string(&call.t, name, eft_strlen(name));
	eft_ninep_put(&call.t, size, 8);
	eft_ninep_put32(&call.t, (uint32_t)flags);
	return eft_ninep_call(&call);
}

static int write_value(struct eft_remote *remote, uint32_t fid,
		       const struct eft_remote_data *data, size_t size)
{
	for (size_t done = 0; done < size;) {
		const struct eft_remote_data part =
			part_of(remote, data, done, size);
		ssize_t n = eft_ninep_write(remote, 0, fid, &part);

		if (n < 0)
			return (int)n;
		if ((size_t)n != part.bytes)
			return -ENOSPC;
		done += part.bytes;
	}
	return 0;
}

/* (data) NULL: remove it. */
static int change(struct eft_remote *remote, eft_remote_handle handle,
		  const char *name, const struct eft_remote_data *data,
		  int flags)
{
	size_t size = data != NULL ? data->bytes : 0;
	struct eft_ninep *fs = eft_ninep_of(remote);
	struct eft_ninep_qid qid;
	uint32_t fid;
	int error = begin(fs, &fid), ended;

	if (error != 0)
		return error;
	error = eft_ninep_walk(fs, eft_ninep_file(handle)->fid, NULL, 0, fid,
			       &qid);
	if (error != 0) {
		eft_ninep_fid_give(fs, fid);
		return error;
	}
	error = create(fs, fid, name, size, flags);
	if (error == 0)
		error = write_value(remote, fid, data, size);
	ended = eft_ninep_clunk(fs, fid);
	return error != 0 ? error : ended;
}

static int set(struct eft_remote *remote, eft_remote_handle handle,
	       const char *name, const struct eft_remote_data *data, int flags)
{
	return data != NULL ? change(remote, handle, name, data, flags)
			    : -EOPNOTSUPP;
}

static int remove(struct eft_remote *remote, eft_remote_handle handle,
		  const char *name)
{
	return change(remote, handle, name, NULL, EFT_XATTR_REPLACE);
}

const struct eft_remote_xattr_ops eft_ninep_xattr_ops = {get, set, remove};

static ssize_t ninep_get(struct eft_node *node, const char *name, void *value,
			 size_t size)
{
	return eft_remote_xattr_get(node, &eft_ninep_xattr_ops, name, value,
				    size);
}

static int ninep_set(struct eft_node *node, const char *name, const void *value,
		     size_t size, int flags)
{
	return eft_remote_xattr_set(node, &eft_ninep_xattr_ops, name, value,
				    size, flags);
}

static ssize_t ninep_list(struct eft_node *node, char *names, size_t size)
{
	return eft_remote_xattr_list(node, &eft_ninep_xattr_ops, names, size);
}

const struct eft_xattr_ops eft_ninep_xattrs = {
	.get = ninep_get,
	.set = ninep_set,
	.list = ninep_list,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files and directories that are open at the server. It needs no FLUSH when one
 * is closed: record locks are ours, and what write() was told was good has been
 * written.
 */
#include "core/abi.h"
#include "core/fs/virtiofs/virtiofs.h"
#include "core/mem.h"

int eft_virtiofs_open_node(struct eft_remote *remote, eft_remote_handle handle,
			   int flags, eft_remote_handle *ret_open)
{
	struct eft_virtiofs *fs = eft_virtiofs(remote);
	struct eft_virtiofs_open *open = eft_alloc(sizeof(*open));
	struct eft_fuse_open_in in = {.flags = (uint32_t)flags};
	struct eft_virtiofs_message *message;
	struct eft_fuse_open_out out;
	ssize_t error;

	if (open == NULL)
		return -ENOMEM;
	open->is_dir = (flags & O_DIRECTORY) != 0;
	message = eft_virtiofs_ask(
		fs, open->is_dir ? EFT_FUSE_OPENDIR : EFT_FUSE_OPEN, handle);
	eft_virtiofs_put(message, &in, sizeof(in));
	error = eft_virtiofs_call(message, &out, sizeof(out));
	eft_virtiofs_end(message);
	if (error != 0) {
		eft_free(open);
		return (int)error;
	}
	open->fh = out.fh; /* its flags advise how to cache: the mount says */
	*ret_open = (uintptr_t)open;
	return 0;
}

void eft_virtiofs_close(struct eft_remote *remote, eft_remote_handle handle,
			eft_remote_handle open_handle)
{
	struct eft_virtiofs_open *open = eft_virtiofs_open(open_handle);
	struct eft_fuse_release_in in = {.fh = open->fh};
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		eft_virtiofs(remote),
		open->is_dir ? EFT_FUSE_RELEASEDIR : EFT_FUSE_RELEASE, handle);

	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_tell(message);
	eft_free(open);
}

ssize_t eft_virtiofs_read(struct eft_remote *remote, eft_remote_handle handle,
			  eft_remote_handle open,
			  const struct eft_remote_data *data)
{
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(eft_virtiofs(remote), EFT_FUSE_READ, handle);
	struct eft_fuse_read_in in = {
		.fh = eft_virtiofs_open(open)->fh,
		.offset = data->offset,
		.size = data->bytes,
	};
	ssize_t len;

	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_lend(message, data, true);
	len = eft_virtiofs_call(message, NULL, 0);
	eft_virtiofs_end(message);
	return len;
}

ssize_t eft_virtiofs_write(struct eft_remote *remote, eft_remote_handle handle,
			   eft_remote_handle open,
			   const struct eft_remote_data *data)
{
	struct eft_virtiofs *fs = eft_virtiofs(remote);
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(fs, EFT_FUSE_WRITE, handle);
	struct eft_fuse_write_in in = {
		.fh = eft_virtiofs_open(open)->fh,
		.offset = data->offset,
		.size = data->bytes,
	};
	struct eft_fuse_write_out out;
	ssize_t error;

	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_lend(message, data, false);
	error = eft_virtiofs_call(message, &out, sizeof(out));
	eft_virtiofs_end(message);
	if (error != 0)
		return error;
	if (out.size > data->bytes)
		return eft_virtiofs_nonsense(fs, "more was written than there "
						 "was");
	return out.size;
}

/* A server that does not know it has nothing to do. */
int eft_virtiofs_sync(struct eft_remote *remote, eft_remote_handle handle,
		      eft_remote_handle open_handle, bool data_only)
{
	struct eft_virtiofs_open *open = eft_virtiofs_open(open_handle);
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		eft_virtiofs(remote),
		open->is_dir ? EFT_FUSE_FSYNCDIR : EFT_FUSE_FSYNC, handle);
	struct eft_fuse_fsync_in in = {
		.fh = open->fh,
		.flags = data_only ? EFT_FUSE_DATA_ONLY : 0,
	};
	ssize_t error;

	eft_virtiofs_put(message, &in, sizeof(in));
	error = eft_virtiofs_call(message, NULL, 0);
	eft_virtiofs_end(message);
	return error == -ENOSYS ? 0 : (int)error;
}

int64_t eft_virtiofs_seek(struct eft_remote *remote, eft_remote_handle handle,
			  eft_remote_handle open, uint64_t offset, int whence)
{
	struct eft_virtiofs *fs = eft_virtiofs(remote);
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(fs, EFT_FUSE_LSEEK, handle);
	struct eft_fuse_lseek_in in = {
		.fh = eft_virtiofs_open(open)->fh,
		.offset = offset,
		.whence = (uint32_t)whence,
	};
	struct eft_fuse_lseek_out out;
	ssize_t error;

	eft_virtiofs_put(message, &in, sizeof(in));
	error = eft_virtiofs_call(message, &out, sizeof(out));
	eft_virtiofs_end(message);
	if (error != 0)
		return error;
	if (out.offset > INT64_MAX)
		return eft_virtiofs_nonsense(fs, "an offset is negative");
	return (int64_t)out.offset;
}

/* Its answer is a write's. */
ssize_t eft_virtiofs_copy(struct eft_remote *remote,
			  const struct eft_remote_end *from,
			  const struct eft_remote_end *to, size_t len)
{
	struct eft_virtiofs *fs = eft_virtiofs(remote);
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(fs, EFT_FUSE_COPY_FILE_RANGE, from->handle);
	struct eft_fuse_copy_in in = {
		.fh_in = eft_virtiofs_open(from->open)->fh,
		.off_in = from->offset,
		.node_out = to->handle,
		.fh_out = eft_virtiofs_open(to->open)->fh,
		.off_out = to->offset,
		.len = len,
	};
	struct eft_fuse_write_out out;
	ssize_t error;

	eft_virtiofs_put(message, &in, sizeof(in));
	error = eft_virtiofs_call(message, &out, sizeof(out));
	eft_virtiofs_end(message);
	if (error != 0)
		return error;
	if (out.size > len)
		return eft_virtiofs_nonsense(fs, "more was copied than there "
						 "was");
	return out.size;
}

int eft_virtiofs_allocate(struct eft_remote *remote, eft_remote_handle handle,
			  eft_remote_handle open, int mode, uint64_t offset,
			  uint64_t len)
{
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		eft_virtiofs(remote), EFT_FUSE_FALLOCATE, handle);
	struct eft_fuse_fallocate_in in = {
		.fh = eft_virtiofs_open(open)->fh,
		.offset = offset,
		.length = len,
		.mode = (uint32_t)mode,
	};
	ssize_t error;

	eft_virtiofs_put(message, &in, sizeof(in));
	error = eft_virtiofs_call(message, NULL, 0);
	eft_virtiofs_end(message);
	return error == -ENOSYS ? -EOPNOTSUPP : (int)error;
}

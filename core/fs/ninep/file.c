// SPDX-License-Identifier: BSD-3-Clause
/*
 * Open files: each has a fid of its own, which is walked to from the file's and
 * then opened. Their bytes go straight between the server and the pages.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"

static int open_fid(struct eft_ninep *fs, uint32_t fid, int flags,
		    struct eft_ninep_qid *ret_qid)
{
	struct eft_ninep_call call;
	int error;

	eft_ninep_begin(fs, &call, EFT_NINEP_LOPEN);
	eft_ninep_put32(&call.t, fid);
	eft_ninep_put32(&call.t, flags & (O_ACCMODE | O_DIRECTORY));
	error = eft_ninep_talk(&call, NULL, NULL);
	if (error == 0) {
		*ret_qid = eft_ninep_get_qid(&call.r);
		eft_ninep_get32(&call.r); /* what is read at once: no matter */
	}
	return eft_ninep_end(&call, error);
}

int eft_ninep_open(struct eft_remote *remote, eft_remote_handle handle,
		   int flags, eft_remote_handle *ret_open)
{
	const struct eft_ninep_file *file = eft_ninep_file(handle);
	struct eft_ninep *fs = eft_ninep_of(remote);
	struct eft_ninep_qid qid;
	uint32_t fid;
	int error = eft_ninep_fid_take(fs, &fid);

	if (error != 0)
		return error;
	error = eft_ninep_walk(fs, file->fid, NULL, 0, fid, &qid);
	if (error != 0) {
		eft_ninep_fid_give(fs, fid);
		return error;
	}
	error = open_fid(fs, fid, flags, &qid);
	if (error == 0 && qid.path != file->path)
		error = -ESTALE;
	if (error != 0)
		eft_ninep_clunk(fs, fid);
	else
		*ret_open = fid;
	return error;
}

void eft_ninep_close(struct eft_remote *remote, eft_remote_handle handle,
		     eft_remote_handle open)
{
	eft_ninep_clunk(eft_ninep_of(remote), (uint32_t)open);
}

static void begin_transfer(struct eft_remote *remote,
			   struct eft_ninep_call *call, uint8_t type,
			   eft_remote_handle open,
			   const struct eft_remote_data *data)
{
	eft_assert(data->bytes > 0 && data->count <= remote->io_pages_max);
	eft_ninep_begin(eft_ninep_of(remote), call, type);
	eft_ninep_put32(&call->t, (uint32_t)open);
	eft_ninep_put(&call->t, data->offset, 8);
	eft_ninep_put32(&call->t, (uint32_t)data->bytes);
}

/* (came): bytes of data that the answer has. */
static ssize_t end_transfer(struct eft_ninep_call *call, int error, bool reads,
			    const struct eft_remote_data *data)
{
	uint32_t count = 0, came;

	if (error == 0) {
		count = eft_ninep_get32(&call->r);
		came = call->answer_bytes - EFT_NINEP_DATA_HEAD;
		if (count > data->bytes || came != (reads ? count : 0))
			error = eft_ninep_nonsense(
				call->fs, "moves another number of bytes");
	}
	error = eft_ninep_end(call, error);
	return error != 0 ? error : (ssize_t)count;
}

ssize_t eft_ninep_read(struct eft_remote *remote, eft_remote_handle handle,
		       eft_remote_handle open,
		       const struct eft_remote_data *data)
{
	struct eft_ninep_call call;
	int error;

	begin_transfer(remote, &call, EFT_NINEP_READ, open, data);
	error = eft_ninep_talk(&call, NULL, data);
	return end_transfer(&call, error, true, data);
}

/* A server that takes nothing, and gives no reason, is not asked for ever. */
ssize_t eft_ninep_write(struct eft_remote *remote, eft_remote_handle handle,
			eft_remote_handle open,
			const struct eft_remote_data *data)
{
	struct eft_ninep_call call;
	ssize_t count;
	int error;

	begin_transfer(remote, &call, EFT_NINEP_WRITE, open, data);
	error = eft_ninep_talk(&call, data, NULL);
	count = end_transfer(&call, error, false, data);
	return count == 0 ? -EIO : count;
}

int eft_ninep_sync(struct eft_remote *remote, eft_remote_handle handle,
		   eft_remote_handle open, bool data_only)
{
	struct eft_ninep_call call;

	eft_ninep_begin(eft_ninep_of(remote), &call, EFT_NINEP_FSYNC);
	eft_ninep_put32(&call.t, (uint32_t)open);
	eft_ninep_put32(&call.t, data_only);
	return eft_ninep_call(&call);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * From names to files, and where that begins.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"
#include "core/mem.h"

static const char version[] = "9P2000.L";

enum { VERSION_MAX = 32 };

static int read_version(struct eft_ninep_call *call, uint32_t *ret_msize)
{
	char text[VERSION_MAX];
	size_t len;
	bool same;

	*ret_msize = eft_ninep_get32(&call->r);
	len = eft_ninep_get(&call->r, 2);
	if (len >= sizeof(text))
		return -EPROTONOSUPPORT;
	eft_ninep_get_bytes(&call->r, text, len);
	if (call->r.bad)
		return 0; /* its end says so */
	same = len == sizeof(version) - 1 && memcmp(text, version, len) == 0;
	return same ? 0 : -EPROTONOSUPPORT;
}

static int fail(struct eft_ninep *fs, int error, const char *why)
{
	eft_log(EFT_LOG_ERROR, "9p: %s: the server %s", fs->client.share->tag,
		why);
	return error;
}

int eft_ninep_version(struct eft_ninep *fs)
{
	uint32_t msize = 0;
	struct eft_ninep_call call;
	int error;

	eft_ninep_begin(fs, &call, EFT_NINEP_VERSION);
	eft_ninep_put32(&call.t, fs->msize);
	eft_ninep_put_string(&call.t, version, sizeof(version) - 1);
	error = eft_ninep_talk(&call, NULL, NULL);
	if (error == 0)
		error = read_version(&call, &msize);
	error = eft_ninep_end(&call, error);
	if (error == -EPROTONOSUPPORT)
		return fail(fs, error, "does not speak 9P2000.L");
	if (error != 0)
		return error;
	if (msize > fs->msize)
		return eft_ninep_nonsense(fs, "wants more than it was offered");
	if (msize < EFT_NINEP_MSIZE_MIN)
		return fail(fs, -EIO, "takes no message of a page");
	fs->msize = msize;
	return 0;
}

int eft_ninep_walk(struct eft_ninep *fs, uint32_t from, const char *name,
		   size_t len, uint32_t fid, struct eft_ninep_qid *ret_qid)
{
	unsigned names = len > 0;
	struct eft_ninep_call call;
	int error;

	eft_ninep_begin(fs, &call, EFT_NINEP_WALK);
	eft_ninep_put32(&call.t, from);
	eft_ninep_put32(&call.t, fid);
	eft_ninep_put(&call.t, names, 2);
	if (names > 0)
		eft_ninep_put_string(&call.t, name, len);
	error = eft_ninep_talk(&call, NULL, NULL);
	if (error == 0 && eft_ninep_get(&call.r, 2) != names)
		error = eft_ninep_nonsense(fs, "walks another way");
	if (error == 0 && names > 0)
		*ret_qid = eft_ninep_get_qid(&call.r);
	return eft_ninep_end(&call, error);
}

/* (file), to which the server has walked, is asked; forgotten if that fails. */
static int look(struct eft_ninep *fs, struct eft_ninep_file *file,
		struct eft_ninep_qid qid,
		struct eft_remote_attributes *ret_attributes)
{
	eft_remote_handle handle = (uintptr_t)file;
	int error;

	file->path = qid.path;
	error = eft_ninep_get_attributes(&fs->remote, handle, ret_attributes);
	if (error != 0)
		eft_ninep_forget(&fs->remote, handle);
	else
		file->type = ret_attributes->mode & S_IFMT;
	return error;
}

int eft_ninep_find(struct eft_ninep *fs, uint32_t dir, const char *name,
		   size_t len, struct eft_ninep_file *file,
		   struct eft_remote_attributes *ret_attributes)
{
	struct eft_ninep_qid qid = {0};
	int error = eft_ninep_walk(fs, dir, name, len, file->fid, &qid);

	if (error == 0)
		return look(fs, file, qid, ret_attributes);
	eft_ninep_file_destroy(fs, file);
	return error;
}

int eft_ninep_lookup(struct eft_remote *remote, eft_remote_handle dir,
		     const char *name, size_t len,
		     eft_remote_handle *ret_handle,
		     struct eft_remote_attributes *ret_attributes)
{
	struct eft_ninep *fs = eft_ninep_of(remote);
	struct eft_ninep_file *file = eft_ninep_file_create(fs);
	int error;

	if (file == NULL)
		return -ENOMEM;
	error = eft_ninep_find(fs, eft_ninep_file(dir)->fid, name, len, file,
			       ret_attributes);
	if (error == 0)
		*ret_handle = (uintptr_t)file;
	return error;
}

/* No user's name, and the one tree that the channel has: attach(5). */
static int attach(struct eft_ninep *fs, uint32_t fid,
		  struct eft_ninep_qid *ret_qid)
{
	struct eft_ninep_call call;
	int error;

	eft_ninep_begin(fs, &call, EFT_NINEP_ATTACH);
	eft_ninep_put32(&call.t, fid);
	eft_ninep_put32(&call.t, EFT_NINEP_NO_FID);
	eft_ninep_put_string(&call.t, "", 0);
	eft_ninep_put_string(&call.t, "", 0);
	eft_ninep_put32(&call.t, fs->uid);
	error = eft_ninep_talk(&call, NULL, NULL);
	if (error == 0)
		*ret_qid = eft_ninep_get_qid(&call.r);
	return eft_ninep_end(&call, error);
}

int eft_ninep_root(struct eft_remote *remote, eft_remote_handle *ret_handle,
		   struct eft_remote_attributes *ret_attributes)
{
	struct eft_ninep *fs = eft_ninep_of(remote);
	struct eft_ninep_file *file = eft_ninep_file_create(fs);
	struct eft_ninep_qid qid;
	int error;

	if (file == NULL)
		return -ENOMEM;
	error = attach(fs, file->fid, &qid);
	if (error != 0) {
		eft_ninep_file_destroy(fs, file);
		return error;
	}
	error = look(fs, file, qid, ret_attributes);
	if (error == 0)
		*ret_handle = (uintptr_t)file;
	return error;
}

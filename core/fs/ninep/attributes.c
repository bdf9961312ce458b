// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the server says of a file. A server that finds files by their paths may
 * mean another by a fid when the name has got another file (QEMU's does): who
 * asks is told -ESTALE then.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"

enum { /* Tgetattr */
       BASIC = 0x7ff,
       RESERVED_BYTES = 8 * 4, /* btime, gen, data_version */
};

enum { /* Tsetattr */
       SET_MODE = 1,
       SET_UID = 2,
       SET_GID = 4,
       SET_SIZE = 8,
       SET_ATIME = 16,
       SET_MTIME = 32,
       SET_ATIME_TO = 128,
       SET_MTIME_TO = 256,
};

_Static_assert((int)EFT_REMOTE_SET_MTIME == SET_MTIME &&
		       (int)EFT_REMOTE_SET_SIZE == SET_SIZE &&
		       (int)EFT_REMOTE_SET_GID == SET_GID,
	       "they are the same");

enum { NS_PER_S = 1000000000, V9FS_MAGIC = 0x01021997 };

static void get_time(struct eft_ninep_bytes *b, struct eft_timespec *ret_time)
{
	ret_time->sec = (int64_t)eft_ninep_get(b, 8);
	ret_time->nsec = (int64_t)eft_ninep_get(b, 8);
}

static bool is_time(const struct eft_timespec *time)
{
	return (uint64_t)time->nsec < NS_PER_S;
}

/* NULL, or what is wrong with it. */
static const char *get_attributes(struct eft_ninep_bytes *b,
				  struct eft_remote_attributes *a)
{
	uint64_t valid = eft_ninep_get(b, 8), nlink, blksize;
	struct eft_ninep_qid qid = eft_ninep_get_qid(b);
	uint8_t skipped[RESERVED_BYTES];

	*a = (struct eft_remote_attributes){.ino = qid.path};
	a->mode = eft_ninep_get32(b);
	a->uid = eft_ninep_get32(b);
	a->gid = eft_ninep_get32(b);
	nlink = eft_ninep_get(b, 8);
	a->rdev = eft_ninep_get(b, 8);
	a->size = eft_ninep_get(b, 8);
	blksize = eft_ninep_get(b, 8);
	a->blocks = eft_ninep_get(b, 8);
	get_time(b, &a->atime);
	get_time(b, &a->mtime);
	get_time(b, &a->ctime);
	eft_ninep_get_bytes(b, skipped, sizeof(skipped));
	a->nlink = (uint32_t)eft_min(nlink, UINT32_MAX);
	a->blksize = (uint32_t)eft_min(blksize, INT32_MAX);
	if ((valid & BASIC) != BASIC)
		return "does not say all of a file";
	if (((qid.type & EFT_NINEP_QID_DIR) != 0) !=
		    ((a->mode & S_IFMT) == S_IFDIR) ||
	    ((qid.type & EFT_NINEP_QID_SYMLINK) != 0) !=
		    ((a->mode & S_IFMT) == S_IFLNK))
		return "says of a file that it is of two types";
	if (a->size > INT64_MAX || !is_time(&a->atime) || !is_time(&a->mtime) ||
	    !is_time(&a->ctime))
		return "says what cannot be of a file";
	return NULL;
}

int eft_ninep_get_attributes(struct eft_remote *remote,
			     eft_remote_handle handle,
			     struct eft_remote_attributes *ret_attributes)
{
	const struct eft_ninep_file *file = eft_ninep_file(handle);
	struct eft_ninep *fs = eft_ninep_of(remote);
	struct eft_remote_attributes attributes = {0};
	struct eft_ninep_call call;
	const char *why = NULL;
	int error;

	eft_ninep_begin(fs, &call, EFT_NINEP_GETATTR);
	eft_ninep_put32(&call.t, file->fid);
	eft_ninep_put(&call.t, BASIC, 8);
	error = eft_ninep_talk(&call, NULL, NULL);
	if (error == 0)
		why = get_attributes(&call.r, &attributes);
	error = eft_ninep_end(&call, error);
	if (error == 0 && why != NULL)
		error = eft_ninep_nonsense(fs, why);
	if (error == 0 && attributes.ino != file->path)
		error = -ESTALE;
	if (error == 0)
		*ret_attributes = attributes;
	return error;
}

static void put_time(struct eft_ninep_bytes *b, const struct eft_timespec *time)
{
	eft_ninep_put(b, (uint64_t)time->sec, 8);
	eft_ninep_put(b, (uint64_t)time->nsec, 8);
}

/* QEMU's server may keep the mode beside the file: it is the whole one. */
static int set_attributes(struct eft_ninep *fs,
			  const struct eft_ninep_file *file, unsigned set,
			  const struct eft_remote_attributes *a)
{
	struct eft_ninep_call call;

	if (set & EFT_REMOTE_SET_ATIME)
		set |= SET_ATIME_TO;
	if (set & EFT_REMOTE_SET_MTIME)
		set |= SET_MTIME_TO;
	eft_ninep_begin(fs, &call, EFT_NINEP_SETATTR);
	eft_ninep_put32(&call.t, file->fid);
	eft_ninep_put32(&call.t, set);
	eft_ninep_put32(&call.t, file->type | (a->mode & 07777));
	eft_ninep_put32(&call.t, a->uid);
	eft_ninep_put32(&call.t, a->gid);
	eft_ninep_put(&call.t, a->size, 8);
	put_time(&call.t, &a->atime);
	put_time(&call.t, &a->mtime);
	return eft_ninep_call(&call);
}

int eft_ninep_set_attributes(struct eft_remote *remote,
			     eft_remote_handle handle, unsigned set,
			     const struct eft_remote_attributes *attributes,
			     struct eft_remote_attributes *ret_attributes)
{
	int error = set_attributes(eft_ninep_of(remote), eft_ninep_file(handle),
				   set, attributes);

	if (error != 0)
		return error;
	return eft_ninep_get_attributes(remote, handle, ret_attributes);
}

/* Of which type the host's file system is does not matter. */
static void get_statfs(struct eft_ninep_bytes *b, struct eft_statfs *ret_statfs)
{
	struct eft_statfs s = {.type = V9FS_MAGIC};
	uint64_t fsid;

	eft_ninep_get32(b);
	s.bsize = s.frsize = eft_ninep_get32(b);
	s.blocks = eft_ninep_get(b, 8);
	s.bfree = eft_ninep_get(b, 8);
	s.bavail = eft_ninep_get(b, 8);
	s.files = eft_ninep_get(b, 8);
	s.ffree = eft_ninep_get(b, 8);
	fsid = eft_ninep_get(b, 8);
	memcpy(s.fsid, &fsid, sizeof(s.fsid));
	s.namelen = eft_ninep_get32(b);
	*ret_statfs = s;
}

int eft_ninep_statfs(struct eft_remote *remote, eft_remote_handle handle,
		     struct eft_statfs *ret_statfs)
{
	struct eft_ninep *fs = eft_ninep_of(remote);
	struct eft_statfs statfs = {0};
	struct eft_ninep_call call;
	int error;

	eft_ninep_begin(fs, &call, EFT_NINEP_STATFS);
	eft_ninep_put32(&call.t, eft_ninep_file(handle)->fid);
	error = eft_ninep_talk(&call, NULL, NULL);
	if (error == 0)
		get_statfs(&call.r, &statfs);
	error = eft_ninep_end(&call, error);
	if (error == 0 && statfs.bsize == 0)
		error = eft_ninep_nonsense(fs, "has blocks of no size");
	if (error == 0)
		*ret_statfs = statfs;
	return error;
}

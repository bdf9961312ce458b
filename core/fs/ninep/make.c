// SPDX-License-Identifier: BSD-3-Clause
/*
 * Making files. What the server says of a new one is looked up afterwards, by
 * its name, since an answer has no more than its number.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/process.h"

/* The longest request: names of 255 and 4095 bytes, and some numbers. */
enum { SYMLINK_ORDER = 1 };

static uint32_t gid_of(const struct eft_node_spec *spec)
{
	return spec->gid != UINT32_MAX ? spec->gid
				       : eft_process()->identity.egid;
}

/* Send what makes a file. All the answers begin with its qid. */
static int make(struct eft_ninep_call *call, struct eft_ninep_qid *ret_qid,
		bool has_io_unit)
{
	int error = eft_ninep_talk(call, NULL, NULL);

	if (error == 0) {
		*ret_qid = eft_ninep_get_qid(&call->r);
		if (has_io_unit)
			eft_ninep_get32(&call->r);
	}
	return eft_ninep_end(call, error);
}

static int make_dir(struct eft_ninep *fs, uint32_t dir, const char *name,
		    size_t len, const struct eft_node_spec *spec,
		    struct eft_ninep_qid *ret_qid)
{
	struct eft_ninep_call call;

	eft_ninep_begin(fs, &call, EFT_NINEP_MKDIR);
	eft_ninep_put32(&call.t, dir);
	eft_ninep_put_string(&call.t, name, len);
	eft_ninep_put32(&call.t, spec->mode & 07777);
	eft_ninep_put32(&call.t, gid_of(spec));
	return make(&call, ret_qid, false);
}

/* Numbers of devices are split as Linux does, include/linux/kdev_t.h. */
static int make_node(struct eft_ninep *fs, uint32_t dir, const char *name,
		     size_t len, const struct eft_node_spec *spec,
		     struct eft_ninep_qid *ret_qid)
{
	uint64_t rdev = spec->rdev;
	struct eft_ninep_call call;

	eft_ninep_begin(fs, &call, EFT_NINEP_MKNOD);
	eft_ninep_put32(&call.t, dir);
	eft_ninep_put_string(&call.t, name, len);
	eft_ninep_put32(&call.t, spec->mode & (S_IFMT | 07777));
	eft_ninep_put32(&call.t, rdev >> 8 & 0xfff);
	eft_ninep_put32(&call.t, (rdev & 0xff) | (rdev >> 12 & 0xfff00));
	eft_ninep_put32(&call.t, gid_of(spec));
	return make(&call, ret_qid, false);
}

static int make_symlink(struct eft_ninep *fs, uint32_t dir, const char *name,
			size_t len, const struct eft_node_spec *spec,
			struct eft_ninep_qid *ret_qid)
{
	void *memory = eft_page_alloc(SYMLINK_ORDER);
	struct eft_ninep_call call;
	int error;

	if (memory == NULL)
		return -ENOMEM;
	eft_ninep_begin(fs, &call, EFT_NINEP_SYMLINK);
	eft_ninep_use_memory(&call, memory, EFT_PAGE_SIZE << SYMLINK_ORDER);
	eft_ninep_put32(&call.t, dir);
	eft_ninep_put_string(&call.t, name, len);
	eft_ninep_put_string(&call.t, spec->target, spec->target_len);
	eft_ninep_put32(&call.t, gid_of(spec));
	error = make(&call, ret_qid, false);
	eft_page_free(memory);
	return error;
}

/* (fid), which is the directory before, is the open file afterwards. */
static int create(struct eft_ninep *fs, uint32_t fid, const char *name,
		  size_t len, const struct eft_node_spec *spec,
		  struct eft_ninep_qid *ret_qid)
{
	struct eft_ninep_call call;

	eft_ninep_begin(fs, &call, EFT_NINEP_LCREATE);
	eft_ninep_put32(&call.t, fid);
	eft_ninep_put_string(&call.t, name, len);
	eft_ninep_put32(&call.t, O_RDWR | O_CREAT | O_EXCL);
	eft_ninep_put32(&call.t, spec->mode & 07777);
	eft_ninep_put32(&call.t, gid_of(spec));
	return make(&call, ret_qid, true);
}

static int make_regular(struct eft_ninep *fs, uint32_t dir, const char *name,
			size_t len, const struct eft_node_spec *spec,
			struct eft_ninep_qid *ret_qid, uint32_t *ret_open)
{
	struct eft_ninep_qid qid;
	uint32_t fid;
	int error = eft_ninep_fid_take(fs, &fid);

	if (error != 0)
		return error;
	error = eft_ninep_walk(fs, dir, NULL, 0, fid, &qid);
	if (error != 0) {
		eft_ninep_fid_give(fs, fid);
		return error;
	}
	error = create(fs, fid, name, len, spec, ret_qid);
	if (error != 0)
		eft_ninep_clunk(fs, fid);
	else
		*ret_open = fid;
	return error;
}

static int make_any(struct eft_ninep *fs, uint32_t dir, const char *name,
		    size_t len, const struct eft_node_spec *spec,
		    struct eft_ninep_qid *ret_qid, uint32_t *ret_open)
{
	switch (spec->mode & S_IFMT) {
	case S_IFREG:
		return make_regular(fs, dir, name, len, spec, ret_qid,
				    ret_open);
	case S_IFDIR:
		return make_dir(fs, dir, name, len, spec, ret_qid);
	case S_IFLNK:
		return make_symlink(fs, dir, name, len, spec, ret_qid);
	default:
		return make_node(fs, dir, name, len, spec, ret_qid);
	}
}

/* (file) becomes what was made, and no other that has its name by now. */
static int find_made(struct eft_ninep *fs, uint32_t dir, const char *name,
		     size_t len, uint64_t path, struct eft_ninep_file *file,
		     struct eft_remote_attributes *ret_attributes)
{
	int error = eft_ninep_find(fs, dir, name, len, file, ret_attributes);

	if (error == 0 && file->path != path) {
		eft_ninep_forget(&fs->remote, (uintptr_t)file);
		error = -ESTALE;
	}
	return error;
}

/* What needs memory comes first: then the file is made. */
int eft_ninep_create(struct eft_remote *remote, eft_remote_handle dir,
		     const char *name, size_t len,
		     const struct eft_node_spec *spec,
		     eft_remote_handle *ret_handle,
		     struct eft_remote_attributes *ret_attributes,
		     eft_remote_handle *ret_open)
{
	uint32_t dir_fid = eft_ninep_file(dir)->fid, open = EFT_NINEP_NO_FID;
	struct eft_ninep *fs = eft_ninep_of(remote);
	struct eft_ninep_qid qid = {0};
	struct eft_ninep_file *file;
	int error;

	if (name == NULL)
		return -EOPNOTSUPP;
	file = eft_ninep_file_create(fs);
	if (file == NULL)
		return -ENOMEM;
	error = make_any(fs, dir_fid, name, len, spec, &qid, &open);
	if (error != 0) {
		eft_ninep_file_destroy(fs, file);
		return error;
	}
	error = find_made(fs, dir_fid, name, len, qid.path, file,
			  ret_attributes);
	if (error != 0) {
		if (open != EFT_NINEP_NO_FID)
			eft_ninep_clunk(fs, open);
		return error;
	}
	*ret_handle = (uintptr_t)file;
	*ret_open = open == EFT_NINEP_NO_FID ? EFT_REMOTE_NO_OPEN : open;
	return 0;
}

int eft_ninep_link(struct eft_remote *remote, eft_remote_handle dir,
		   const char *name, size_t len, eft_remote_handle handle)
{
	struct eft_ninep_call call;

	eft_ninep_begin(eft_ninep_of(remote), &call, EFT_NINEP_LINK);
	eft_ninep_put32(&call.t, eft_ninep_file(dir)->fid);
	eft_ninep_put32(&call.t, eft_ninep_file(handle)->fid);
	eft_ninep_put_string(&call.t, name, len);
	return eft_ninep_call(&call);
}

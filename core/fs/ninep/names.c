// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names that go and move, and what a symbolic link has.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"
#include "core/mem.h"

int eft_ninep_unlink(struct eft_remote *remote, eft_remote_handle dir,
		     const char *name, size_t len, bool is_dir)
{
	struct eft_ninep_call call;

	eft_ninep_begin(eft_ninep_of(remote), &call, EFT_NINEP_UNLINKAT);
	eft_ninep_put32(&call.t, eft_ninep_file(dir)->fid);
	eft_ninep_put_string(&call.t, name, len);
	eft_ninep_put32(&call.t, is_dir ? AT_REMOVEDIR : 0);
	return eft_ninep_call(&call);
}

int eft_ninep_rename(struct eft_remote *remote, eft_remote_handle from_dir,
		     const char *from, size_t from_len,
		     eft_remote_handle to_dir, const char *to, size_t to_len,
		     bool exchange)
{
	struct eft_ninep_call call;

	if (exchange)
		return -EINVAL;
	eft_ninep_begin(eft_ninep_of(remote), &call, EFT_NINEP_RENAMEAT);
	eft_ninep_put32(&call.t, eft_ninep_file(from_dir)->fid);
	eft_ninep_put_string(&call.t, from, from_len);
	eft_ninep_put32(&call.t, eft_ninep_file(to_dir)->fid);
	eft_ninep_put_string(&call.t, to, to_len);
	return eft_ninep_call(&call);
}

/* The answer is behind its head's length, of which (data) has all but some. */
static ssize_t get_target(struct eft_ninep_call *call, const char *data,
			  char *buf, size_t size)
{
	size_t len = eft_ninep_get(&call->r, 2), first;

	if (call->answer_bytes != EFT_NINEP_HEAD + 2 + len || len == 0 ||
	    len >= PATH_MAX)
		return eft_ninep_nonsense(call->fs, "has a link to nowhere");
	if (len > size)
		return -ENAMETOOLONG;
	first = call->r.size - call->r.at;
	eft_ninep_get_bytes(&call->r, buf, first);
	memcpy(buf + first, data, len - first);
	return (ssize_t)len;
}

ssize_t eft_ninep_readlink(struct eft_remote *remote, eft_remote_handle handle,
			   char *buf, size_t size)
{
	void *page = eft_page_alloc(0);
	struct eft_remote_data data = {
		.page = &page, .count = 1, .bytes = EFT_PAGE_SIZE};
	struct eft_ninep_call call;
	ssize_t result;
	int error;

	if (page == NULL)
		return -ENOMEM;
	eft_ninep_begin(eft_ninep_of(remote), &call, EFT_NINEP_READLINK);
	eft_ninep_put32(&call.t, eft_ninep_file(handle)->fid);
	result = eft_ninep_talk(&call, NULL, &data);
	if (result == 0)
		result = get_target(&call, page, buf, size);
	error = eft_ninep_end(&call, result < 0 ? (int)result : 0);
	eft_page_free(page);
	return error != 0 ? error : result;
}

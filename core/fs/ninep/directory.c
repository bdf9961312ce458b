// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names of a directory. The answers come into pages of ours, which the server
 * may still see: each name is copied before it is looked at.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"
#include "core/mem.h"

enum { ORDER = 2, PAGES = 1 << ORDER };

/* Pages for an answer, fewer if there are no more; (page)[0] frees them. */
static bool alloc_room(struct eft_remote_data *data, void *page[PAGES])
{
	unsigned order = ORDER;

	page[0] = eft_page_alloc(order);
	if (page[0] == NULL) {
		order = 0;
		page[0] = eft_page_alloc(order);
	}
	for (unsigned i = 1; i < 1u << order; i++)
		page[i] = (char *)page[0] + i * EFT_PAGE_SIZE;
	*data = (struct eft_remote_data){.page = page,
					 .count = 1u << order,
					 .bytes = EFT_PAGE_SIZE << order};
	return page[0] != NULL;
}

/* How many bytes of names have come behind (cookie); 0 at the end. */
static ssize_t ask(struct eft_ninep *fs, uint32_t fid, uint64_t cookie,
		   const struct eft_remote_data *data)
{
	struct eft_ninep_call call;
	uint32_t count = 0;
	int error;

	eft_ninep_begin(fs, &call, EFT_NINEP_READDIR);
	eft_ninep_put32(&call.t, fid);
	eft_ninep_put(&call.t, cookie, 8);
	eft_ninep_put32(&call.t, (uint32_t)data->bytes);
	error = eft_ninep_talk(&call, NULL, data);
	if (error == 0) {
		count = eft_ninep_get32(&call.r);
		if (count > data->bytes ||
		    call.answer_bytes != EFT_NINEP_DATA_HEAD + count)
			error = eft_ninep_nonsense(fs, "gives other names");
	}
	error = eft_ninep_end(&call, error);
	return error != 0 ? error : (ssize_t)count;
}

/* One name: 0, 1: it was the last that is wanted; -EIO. */
static int give_name(struct eft_ninep *fs, struct eft_ninep_bytes *b,
		     uint64_t *cookie, eft_remote_name_fn *fn, void *arg)
{
	struct eft_ninep_qid qid = eft_ninep_get_qid(b);
	uint64_t next = eft_ninep_get(b, 8);
	unsigned type = (unsigned)eft_ninep_get(b, 1);
	size_t len = eft_ninep_get(b, 2);
	char name[NAME_MAX];

	if (len == 0 || len > NAME_MAX)
		return eft_ninep_nonsense(fs, "has a name of no length");
	eft_ninep_get_bytes(b, name, len);
	if (b->bad)
		return eft_ninep_nonsense(fs, "gives half of a name");
	*cookie = next;
	return !fn(arg, name, len, qid.path, type, next);
}

int eft_ninep_read_dir(struct eft_remote *remote, eft_remote_handle handle,
		       eft_remote_handle open, uint64_t cookie,
		       eft_remote_name_fn *fn, void *arg)
{
	struct eft_ninep *fs = eft_ninep_of(remote);
	struct eft_remote_data data;
	void *page[PAGES];
	ssize_t result;

	if (!alloc_room(&data, page))
		return -ENOMEM;
	do {
		struct eft_ninep_bytes b = {.data = page[0]};
		uint64_t asked = cookie;

		result = ask(fs, (uint32_t)open, cookie, &data);
		if (result <= 0)
			break;
		b.size = (uint32_t)result;
		for (result = 0; result == 0 && b.at < b.size;)
			result = give_name(fs, &b, &cookie, fn, arg);
		if (result == 0 && cookie == asked)
			result = eft_ninep_nonsense(fs, "gives a name again");
	} while (result == 0);
	eft_page_free(page[0]);
	return result < 0 ? (int)result : 0;
}

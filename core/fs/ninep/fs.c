// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a mount has: a channel, memory for messages, and an agreement with the
 * server.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/process.h"

const struct eft_remote_ops eft_ninep_ops = {
	.root = eft_ninep_root,
	.lookup = eft_ninep_lookup,
	.forget = eft_ninep_forget,
	.get_attributes = eft_ninep_get_attributes,
	.set_attributes = eft_ninep_set_attributes,
	.create = eft_ninep_create,
	.link = eft_ninep_link,
	.unlink = eft_ninep_unlink,
	.rename = eft_ninep_rename,
	.readlink = eft_ninep_readlink,
	.open = eft_ninep_open,
	.close = eft_ninep_close,
	.read = eft_ninep_read,
	.write = eft_ninep_write,
	.sync = eft_ninep_sync,
	.read_dir = eft_ninep_read_dir,
	.statfs = eft_ninep_statfs,
	.destroy = eft_ninep_destroy,
};

/* A page at least; as many as a request has parts for, but for two. */
static void set_pages(struct eft_ninep *fs)
{
	unsigned parts = (unsigned)eft_min(fs->client.share->parts_max,
					   EFT_NINEP_PARTS_MAX);
	uint64_t most;

	eft_assert(parts > 2);
	most = (parts - 2) * EFT_PAGE_SIZE + EFT_NINEP_IO_HEAD;
	fs->msize = (uint32_t)eft_min(eft_max(fs->msize, EFT_NINEP_MSIZE_MIN),
				      most);
}

struct eft_ninep *eft_ninep_fs_create(void)
{
	struct eft_ninep *fs = eft_alloc(sizeof(*fs));

	if (fs == NULL)
		return NULL;
	fs->remote.ops = &eft_ninep_ops;
	fs->msize = UINT32_MAX;
	fs->uid = eft_process()->identity.euid;
	eft_remote_client_init(&fs->client, "9p", "the server ");
	fs->remote.client = &fs->client;
	for (unsigned i = 0; i < EFT_NINEP_MESSAGE_PAGES; i++) {
		fs->message[i] = eft_page_alloc(0);
		if (fs->message[i] == NULL) {
			eft_ninep_destroy(&fs->remote);
			return NULL;
		}
	}
	return fs;
}

void eft_ninep_destroy(struct eft_remote *remote)
{
	struct eft_ninep *fs = eft_ninep_of(remote);

	eft_assert(fs->tags == 0 && fs->client.under_way == 0);
	if (fs->client.share != NULL)
		eft_share_give(fs->client.share);
	for (unsigned i = 0; i < EFT_NINEP_MESSAGE_PAGES; i++)
		eft_page_free(fs->message[i]);
	eft_free(fs->fid);
	eft_free(fs);
}

int eft_ninep_connect(struct eft_ninep *fs, const char *tag)
{
	int error = eft_share_take(EFT_SHARE_9P, tag, &fs->client.share);

	if (error != 0) {
		eft_log(EFT_LOG_ERROR, "9p: %s: %s", tag,
			error == -EBUSY ? "it is mounted already"
					: "there is none of this tag");
		return error;
	}
	set_pages(fs);
	error = eft_ninep_version(fs);
	fs->remote.io_pages_max =
		(fs->msize - EFT_NINEP_IO_HEAD) / EFT_PAGE_SIZE;
	return error;
}

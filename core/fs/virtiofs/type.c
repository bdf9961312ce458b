// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-fs as a type of file systems that are mounted.
 */
#include "core/abi.h"
#include "core/fs/virtiofs/virtiofs.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/move.h"
#include "core/vfs/mount_option.h"
#include "core/vfs/root.h"
#include "core/xattr.h"

/* Who has it has its channels, and says what to mount. */
eft_needs(eft_plat_guest_find_virtiofs);
eft_needs(eft_mount_option);

/* There for whose calls ask for some (core/vfs/xattr.c, posix/fs). */
static const struct eft_xattr_ops *const needs_xattrs __attribute__((used)) =
	&eft_virtiofs_xattrs;
static bool (*const needs_copy)(struct eft_file *in, off_t *in_at,
				struct eft_file *out, off_t *out_at, size_t len,
				long *ret_n)
	__attribute__((used)) = eft_remote_copy_range;

enum { MAGIC = 0x65735546 }; /* linux/magic.h: FUSE_SUPER_MAGIC */

enum {
	WANTED = EFT_FUSE_ASYNC_READ | EFT_FUSE_BIG_WRITES | EFT_FUSE_MAX_PAGES
};

/* Servers that say nothing of it take as many (Linux, fuse_i.h). */
enum { PAGES_UNSAID = 32 };

static void destroy(struct eft_remote *remote);

static const struct eft_remote_ops operations = {
	.root = eft_virtiofs_root,
	.lookup = eft_virtiofs_lookup,
	.forget = eft_virtiofs_forget,
	.get_attributes = eft_virtiofs_get_attributes,
	.set_attributes = eft_virtiofs_set_attributes,
	.create = eft_virtiofs_create,
	.link = eft_virtiofs_link,
	.unlink = eft_virtiofs_unlink,
	.rename = eft_virtiofs_rename,
	.readlink = eft_virtiofs_readlink,
	.open = eft_virtiofs_open_node,
	.close = eft_virtiofs_close,
	.read = eft_virtiofs_read,
	.write = eft_virtiofs_write,
	.sync = eft_virtiofs_sync,
	.allocate = eft_virtiofs_allocate,
	.seek = eft_virtiofs_seek,
	.copy = eft_virtiofs_copy,
	.read_dir = eft_virtiofs_read_dir,
	.statfs = eft_virtiofs_statfs,
	.destroy = destroy,
};

static int refuse_version(struct eft_virtiofs *fs,
			  const struct eft_fuse_init_out *out)
{
	eft_log(EFT_LOG_ERROR,
		"virtiofs: %s: the server speaks version %u.%u of FUSE",
		fs->client.share->tag, out->major, out->minor);
	return -EPROTONOSUPPORT;
}

/* How many pages may one request have? */
static unsigned choose_pages(const struct eft_virtiofs *fs,
			     const struct eft_fuse_init_out *out)
{
	uint64_t pages =
		eft_min(EFT_VIRTIOFS_PAGES, fs->client.share->parts_max - 2);
	uint64_t said =
		out->flags & EFT_FUSE_MAX_PAGES ? out->max_pages : PAGES_UNSAID;

	pages = eft_min(pages, said);
	return (unsigned)eft_min(pages, out->max_write / EFT_PAGE_SIZE);
}

/* A server that is too old may answer with less. */
static int begin(struct eft_virtiofs *fs)
{
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(fs, EFT_FUSE_INIT, 0);
	struct eft_fuse_init_in in = {
		.major = EFT_FUSE_MAJOR,
		.minor = EFT_FUSE_MINOR,
		.max_readahead = EFT_VIRTIOFS_PAGES * EFT_PAGE_SIZE,
		.flags = WANTED,
	};
	struct eft_fuse_init_out out;
	ssize_t error;

	eft_virtiofs_put(message, &in, sizeof(in));
	error = eft_virtiofs_call(message, &out, sizeof(out));
	eft_virtiofs_end(message);
	if (error != 0)
		return (int)error;
	if (out.major != EFT_FUSE_MAJOR || out.minor < EFT_FUSE_MINOR_LEAST)
		return refuse_version(fs, &out);
	fs->remote.io_pages_max = choose_pages(fs, &out);
	if (fs->remote.io_pages_max == 0)
		return eft_virtiofs_nonsense(fs, "the server takes no data");
	return 0;
}

static void free_fs(struct eft_virtiofs *fs)
{
	eft_virtiofs_free_spare(fs);
	eft_share_give(fs->client.share);
	eft_free(fs);
}

/* The server forgets all that it was not told to. */
static void destroy(struct eft_remote *remote)
{
	struct eft_virtiofs *fs = eft_virtiofs(remote);
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(fs, EFT_FUSE_DESTROY, 0);

	eft_virtiofs_call(message, NULL, 0);
	eft_virtiofs_end(message);
	eft_remote_client_drain(&fs->client);
	free_fs(fs);
}

static int create_fs(struct eft_share *share, struct eft_virtiofs **ret_fs)
{
	struct eft_virtiofs *fs = eft_alloc(sizeof(*fs));

	if (fs == NULL)
		return -ENOMEM;
	eft_remote_client_init(&fs->client, "virtiofs", "");
	fs->remote.client = &fs->client;
	fs->client.share = share;
	fs->remote.ops = &operations;
	fs->remote.handle_is_file = true;
	if (eft_virtiofs_make_spare(fs) != 0) {
		eft_free(fs);
		return -ENOMEM;
	}
	*ret_fs = fs;
	return 0;
}

/* Owns: takes (share), also on failure. */
static int mount(struct eft_share *share, const char *options, uint32_t dev,
		 struct eft_dir **ret_root)
{
	struct eft_virtiofs *fs;
	int error = create_fs(share, &fs);

	if (error != 0) {
		eft_share_give(share);
		return error;
	}
	error = eft_remote_parse_options(&fs->remote, options, NULL);
	if (error == 0)
		error = begin(fs);
	if (error != 0) {
		free_fs(fs);
		return error;
	}
	return eft_remote_create_root(&fs->remote, dev, ret_root);
}

static int virtiofs_create(const char *source, const char *options,
			   uint32_t dev, struct eft_dir **ret_root)
{
	struct eft_share *share;
	int error = eft_share_take(EFT_SHARE_FUSE, source, &share);

	return error != 0 ? error : mount(share, options, dev, ret_root);
}

const struct eft_fs_type eft_virtiofs_type = {
	.name = "virtiofs",
	.magic = MAGIC,
	.create = virtiofs_create,
	.writes = true,
	.destroy = eft_remote_destroy,
	.statfs = eft_remote_statfs,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names that are made, moved and removed. The server makes what it makes for
 * the header's user and group; permissions come as they are to be, so that its
 * umask has no part in it.
 */
#include "core/abi.h"
#include "core/fs/virtiofs/virtiofs.h"
#include "core/mem.h"

/* Something that is to be made, and what comes of it. */
struct making {
	struct eft_virtiofs *fs;
	uint64_t dir;
	const char *name;
	size_t len;
	const struct eft_node_spec *spec;
	struct eft_fuse_create_out out; /* (open): of a regular file */
};

static struct eft_virtiofs_message *begin(const struct making *m,
					  enum eft_fuse_opcode opcode)
{
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(m->fs, opcode, m->dir);

	memcpy(message->page + offsetof(struct eft_fuse_in_header, gid),
	       &m->spec->gid, sizeof(m->spec->gid));
	return message;
}

/* Send (message), whose answer is (m->out) or its beginning. It ends. */
static int finish(struct making *m, struct eft_virtiofs_message *message,
		  size_t size)
{
	ssize_t error = eft_virtiofs_call(message, &m->out, size);

	eft_virtiofs_end(message);
	return (int)error;
}

static int make_node(struct making *m)
{
	struct eft_virtiofs_message *message = begin(m, EFT_FUSE_MKNOD);
	struct eft_fuse_mknod_in in = {
		.mode = m->spec->mode,
		.rdev = (uint32_t)m->spec->rdev,
	};

	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_put_name(message, m->name, m->len);
	return finish(m, message, sizeof(m->out.entry));
}

static int make_dir(struct making *m)
{
	struct eft_virtiofs_message *message = begin(m, EFT_FUSE_MKDIR);
	struct eft_fuse_mkdir_in in = {.mode = m->spec->mode & 07777};

	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_put_name(message, m->name, m->len);
	return finish(m, message, sizeof(m->out.entry));
}

/* The target has a page of its own. */
static int make_link(struct making *m)
{
	size_t len = m->spec->target_len;
	char *page = eft_page_alloc(0);
	void *pages[] = {page};
	struct eft_remote_data data = {
		.page = pages, .count = 1, .bytes = len + 1};
	struct eft_virtiofs_message *message;
	int error;

	if (page == NULL)
		return -ENOMEM;
	eft_assert(len < EFT_PAGE_SIZE);
	memcpy(page, m->spec->target, len);
	page[len] = '\0';
	message = begin(m, EFT_FUSE_SYMLINK);
	eft_virtiofs_put_name(message, m->name, m->len);
	eft_virtiofs_lend(message, &data, false);
	error = finish(m, message, sizeof(m->out.entry));
	eft_page_free(page);
	return error;
}

/*
 * Open from the start, whatever its mode allows. What has no name is called "/"
 * (Linux, fuse_tmpfile()).
 */
static int make_open(struct making *m)
{
	bool named = m->name != NULL;
	struct eft_virtiofs_message *message =
		begin(m, named ? EFT_FUSE_CREATE : EFT_FUSE_TMPFILE);
	struct eft_fuse_create_in in = {
		.flags = O_RDWR | (named ? O_CREAT | O_EXCL : O_TMPFILE),
		.mode = m->spec->mode,
	};

	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_put_name(message, named ? m->name : "/",
			      named ? m->len : 1);
	return finish(m, message, sizeof(m->out));
}

static int take_made(struct making *m, eft_remote_handle *ret_handle,
		     struct eft_remote_attributes *ret_attributes)
{
	uint32_t type = m->spec->mode & S_IFMT;
	int error = eft_virtiofs_take_entry(m->fs, &m->out.entry, ret_handle,
					    ret_attributes);

	if (error == 0 && (ret_attributes->mode & S_IFMT) != type)
		error = eft_virtiofs_nonsense(m->fs, "what was made is of "
						     "another type");
	return error;
}

/* A server that cannot CREATE makes files as it makes others, by a name. */
static int make_regular(struct making *m, struct eft_virtiofs_open **ret_open)
{
	struct eft_virtiofs_open *open = eft_alloc(sizeof(*open));
	int error;

	if (open == NULL)
		return -ENOMEM;
	error = make_open(m);
	if (error == 0) {
		open->fh = m->out.open.fh;
		*ret_open = open;
		return 0;
	}
	eft_free(open);
	if (error == -ENOSYS)
		error = m->name != NULL ? make_node(m) : -EOPNOTSUPP;
	return error;
}

int eft_virtiofs_create(struct eft_remote *remote, eft_remote_handle dir,
			const char *name, size_t len,
			const struct eft_node_spec *spec,
			eft_remote_handle *ret_handle,
			struct eft_remote_attributes *ret_attributes,
			eft_remote_handle *ret_open)
{
	struct making m = {eft_virtiofs(remote), dir, name, len, spec, {}};
	struct eft_virtiofs_open *open = NULL;
	struct eft_remote_attributes attributes;
	eft_remote_handle handle;
	int error;

	if ((spec->mode & S_IFMT) == S_IFDIR)
		error = make_dir(&m);
	else if ((spec->mode & S_IFMT) == S_IFLNK)
		error = make_link(&m);
	else if ((spec->mode & S_IFMT) == S_IFREG)
		error = make_regular(&m, &open);
	else
		error = make_node(&m);
	if (error == 0)
		error = take_made(&m, &handle, &attributes);
	if (error != 0) {
		eft_free(open); /* the mount is broken, where there is one */
		return error;
	}
	*ret_handle = handle;
	*ret_attributes = attributes;
	*ret_open = open != NULL ? (uintptr_t)open : EFT_REMOTE_NO_OPEN;
	return 0;
}

/* The answer has counted the node once more. */
int eft_virtiofs_link(struct eft_remote *remote, eft_remote_handle dir,
		      const char *name, size_t len, eft_remote_handle handle)
{
	struct eft_virtiofs *fs = eft_virtiofs(remote);
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(fs, EFT_FUSE_LINK, dir);
	struct eft_fuse_link_in in = {.oldnode = handle};
	struct eft_fuse_entry_out out;
	struct eft_remote_attributes attributes;
	ssize_t error;

	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_put_name(message, name, len);
	error = eft_virtiofs_call(message, &out, sizeof(out));
	eft_virtiofs_end(message);
	if (error == 0)
		error = eft_virtiofs_take_entry(fs, &out, &handle, &attributes);
	if (error == 0)
		eft_virtiofs_forget(remote, handle);
	return (int)error;
}

/* Send (message), whose answer says no more than that. It ends. */
static int finish_change(struct eft_virtiofs_message *message)
{
	ssize_t error = eft_virtiofs_call(message, NULL, 0);

	eft_virtiofs_end(message);
	return (int)error;
}

int eft_virtiofs_unlink(struct eft_remote *remote, eft_remote_handle dir,
			const char *name, size_t len, bool is_dir)
{
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		eft_virtiofs(remote), is_dir ? EFT_FUSE_RMDIR : EFT_FUSE_UNLINK,
		dir);

	eft_virtiofs_put_name(message, name, len);
	return finish_change(message);
}

static struct eft_virtiofs_message *
begin_rename(struct eft_virtiofs *fs, uint64_t dir, uint64_t to, bool exchange)
{
	struct eft_fuse_rename2_in in = {.newdir = to,
					 .flags = RENAME_EXCHANGE};
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		fs, exchange ? EFT_FUSE_RENAME2 : EFT_FUSE_RENAME, dir);

	eft_virtiofs_put(message, &in,
			 exchange ? sizeof(in)
				  : sizeof(struct eft_fuse_rename_in));
	return message;
}

/* A server that does not know RENAME2 cannot exchange. */
int eft_virtiofs_rename(struct eft_remote *remote, eft_remote_handle from_dir,
			const char *from, size_t from_len,
			eft_remote_handle to_dir, const char *to, size_t to_len,
			bool exchange)
{
	struct eft_virtiofs_message *message =
		begin_rename(eft_virtiofs(remote), from_dir, to_dir, exchange);
	int error;

	eft_virtiofs_put_name(message, from, from_len);
	eft_virtiofs_put_name(message, to, to_len);
	error = finish_change(message);
	return error == -ENOSYS && exchange ? -EINVAL : error;
}

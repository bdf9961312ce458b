// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the server says of a file.
 *
 * TRUST  If only we change the server's files (cache=loose), it is asked again
 *        after we have changed something of which it knows more: link counts,
 *        blocks, times of directories. The size of a regular file is ours then.
 * TIMES  The server's clock says when something changed, so that all times are
 *        of one clock; ours does as long as it has not got what was written.
 */
#include "core/abi.h"
#include "core/fs/remote/node.h"

static bool is_time(struct eft_timespec time)
{
	return time.nsec >= 0 && time.nsec < 1000000000;
}

int eft_remote_attributes_check(const struct eft_remote_attributes *attributes)
{
	bool good = eft_mode_has_type(attributes->mode) &&
		    attributes->size <= INT64_MAX &&
		    attributes->blocks <= INT64_MAX &&
		    is_time(attributes->atime) && is_time(attributes->mtime) &&
		    is_time(attributes->ctime);

	return good ? 0 : -EIO;
}

static bool is_kept(const struct eft_remote_node *node)
{
	return node->remote->trust == EFT_REMOTE_LOOSE;
}

/* The size is what the server says, or, of what is kept, was at first. */
static void take_size(struct eft_remote_node *node, uint64_t size)
{
	if (eft_remote_has_pages(node) && !is_kept(node) &&
	    size != node->cached.pages.size)
		eft_cached_resize(&node->cached, size);
	node->size = size;
}

void eft_remote_attributes_take(struct eft_remote_node *node,
				const struct eft_remote_attributes *attributes)
{
	struct eft_node *at = &node->node;

	eft_assert((at->mode & S_IFMT) == (attributes->mode & S_IFMT));
	at->ino = attributes->ino;
	at->mode = attributes->mode & (S_IFMT | 07777);
	at->uid = attributes->uid;
	at->gid = attributes->gid;
	at->rdev = attributes->rdev;
	at->atime = attributes->atime;
	if (!eft_remote_get_flag(&node->written)) {
		at->mtime = attributes->mtime;
		at->ctime = attributes->ctime;
	}
	node->blocks = attributes->blocks;
	node->links = attributes->nlink;
	node->blksize = attributes->blksize;
	take_size(node, attributes->size);
}

int eft_remote_attributes_ask(struct eft_remote_node *node)
{
	struct eft_remote *remote = node->remote;
	struct eft_remote_attributes attributes;
	struct eft_remote_name *name;
	int error;

	if (is_kept(node) && !eft_remote_get_flag(&node->stale))
		return 0;
	eft_remote_set_flag(&node->stale, false);
	name = eft_remote_name_get(node);
	error = remote->ops->get_attributes(remote, name->handle, &attributes);
	eft_remote_name_put(remote, name);
	if (error == 0)
		error = eft_remote_attributes_check(&attributes);
	if (error == 0 &&
	    (attributes.mode & S_IFMT) != (node->node.mode & S_IFMT))
		error = -EIO; /* another file has its handle */
	if (error == 0)
		eft_remote_attributes_take(node, &attributes);
	else
		eft_remote_set_flag(&node->stale, true);
	return error;
}

/* What is not written yet will have blocks. */
static uint64_t blocks_of(const struct eft_remote_node *node)
{
	if (!eft_remote_has_pages(node))
		return node->blocks;
	return node->blocks +
	       (uint64_t)node->cached.dirty_pages * (EFT_PAGE_SIZE / 512);
}

/*
 * What has no name any more the server may not know: it is as it was.
 */
int eft_remote_stat(struct eft_node *at, struct eft_stat *st)
{
	struct eft_remote_node *node = eft_remote_node(at);
	int error = eft_remote_attributes_ask(node);

	if (error != 0 && error != -ENOENT && error != -ESTALE)
		return error;
	st->ino = at->ino;
	st->mode = at->mode;
	st->uid = at->uid;
	st->gid = at->gid;
	st->rdev = at->rdev;
	st->atime = at->atime;
	st->mtime = at->mtime;
	st->ctime = at->ctime;
	st->nlink = node->links;
	st->size = (int64_t)node->size;
	if (eft_remote_has_pages(node))
		st->size = (int64_t)node->cached.pages.size;
	st->blocks = (int64_t)blocks_of(node);
	if (node->blksize > 0)
		st->blksize = node->blksize;
	return 0;
}

/*
 * Changes.
 */
int eft_remote_set(struct eft_remote_node *node, unsigned set,
		   const struct eft_remote_attributes *wanted)
{
	struct eft_remote *remote = node->remote;
	struct eft_remote_attributes attributes;
	struct eft_remote_name *name;
	int error;

	if (remote->read_only)
		return -EROFS;
	name = eft_remote_name_get(node);
	error = remote->ops->set_attributes(remote, name->handle, set, wanted,
					    &attributes);
	eft_remote_name_put(remote, name);
	/* It is done; what it says of the file matters less. */
	eft_remote_set_flag(&node->stale, true);
	return error;
}

/* What is written back later is not to change the time that is set now. */
static void settle(struct eft_remote_node *node)
{
	eft_remote_write_back(node);
	eft_remote_set_flag(&node->written, false);
}

static unsigned set_of(unsigned which)
{
	static const struct {
		unsigned which, set;
	} pairs[] = {
		{EFT_NODE_MODE, EFT_REMOTE_SET_MODE},
		{EFT_NODE_UID, EFT_REMOTE_SET_UID},
		{EFT_NODE_GID, EFT_REMOTE_SET_GID},
		{EFT_NODE_ATIME, EFT_REMOTE_SET_ATIME},
		{EFT_NODE_MTIME, EFT_REMOTE_SET_MTIME},
	};
	unsigned set = 0;

	for (size_t i = 0; i < eft_array_size(pairs); i++) {
		if (which & pairs[i].which)
			set |= pairs[i].set;
	}
	return set;
}

int eft_remote_set_attributes(struct eft_node *at,
			      const struct eft_stat *wanted, unsigned which)
{
	struct eft_remote_node *node = eft_remote_node(at);
	const struct eft_remote_attributes attributes = {
		.mode = wanted->mode,
		.uid = wanted->uid,
		.gid = wanted->gid,
		.atime = wanted->atime,
		.mtime = wanted->mtime,
	};

	if (which & EFT_NODE_MTIME)
		settle(node);
	return eft_remote_set(node, set_of(which), &attributes);
}

/* Our clock may be behind the server's: a change is later than the last one. */
void eft_remote_modified(struct eft_remote_node *node)
{
	struct eft_timespec now = eft_node_now(), *last = &node->node.ctime;

	if (now.sec < last->sec ||
	    (now.sec == last->sec && now.nsec <= last->nsec)) {
		now = *last;
		now.nsec += now.nsec < 999999999;
	}
	node->node.mtime = node->node.ctime = now;
	eft_remote_set_flag(&node->written, true);
}

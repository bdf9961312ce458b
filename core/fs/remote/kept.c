// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading and writing by the page cache, where only we change the files.
 *
 * LOCKS  The node's mutex is held over a whole write, and so over copies from the
 *        program's memory, as in ramfs. Several read at a time, while another
 *        writes.
 */
#include "core/abi.h"
#include "core/fd/iov.h"
#include "core/fs/remote/node.h"

/* At *at, which moves. Node locked. */
static ssize_t write_locked(struct eft_remote_node *node,
			    const struct eft_iovec *iov, int count, off_t *at)
{
	off_t from = *at;
	int error = 0;

	for (int i = 0; i < count && error == 0; i++)
		*at += (off_t)eft_cached_write(&node->cached, (uint64_t)*at,
					       iov[i].base, iov[i].len, &error);
	if (*at > from)
		eft_remote_modified(node);
	return *at > from ? *at - from : error;
}

static ssize_t read_at(struct eft_file *file, const struct eft_iovec *iov,
		       int count, off_t *at)
{
	struct eft_remote_node *node = eft_remote_node_of(file);

	return eft_iov_fits(iov, count, *at)
		       ? eft_cached_read_iov(&node->cached, iov, count, at)
		       : -EINVAL;
}

static ssize_t write_at(struct eft_file *file, const struct eft_iovec *iov,
			int count, off_t *at)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	ssize_t n = -EINVAL;

	eft_mutex_lock(&node->node.lock);
	if (file->flags & O_APPEND)
		*at = (off_t)node->cached.pages.size;
	if (eft_iov_fits(iov, count, *at))
		n = write_locked(node, iov, count, at);
	eft_mutex_unlock(&node->node.lock);
	return n;
}

static ssize_t kept_read(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	return eft_file_transfer(file, iov, count, at, read_at);
}

static ssize_t kept_write(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	return eft_remote_file_written(
		file, eft_file_transfer(file, iov, count, at, write_at));
}

const struct eft_file_ops eft_remote_kept_ops = {
	EFT_NODE_FILE_ATTRIBUTES_BUT_CLOSED,
	.closed = eft_remote_file_closed,
	.read = kept_read,
	.write = kept_write,
	.seek = eft_remote_file_seek,
	.sync = eft_remote_file_sync,
	.set_size = eft_remote_file_set_size,
	.allocate = eft_remote_file_allocate,
	.pages = eft_remote_file_pages,
	.sync_map = eft_remote_file_sync_map,
	.release = eft_remote_file_release,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading and writing by the server each time, through pages that are used for
 * the time of one call. Mappings, if there are any (cache=mmap), have pages of
 * the page cache: what they wrote is written back before a read, and what is
 * written is put into their pages, too.
 *
 * LOCKS  Who writes has locked the node, so that what is appended is at the end
 *        that was asked for. Who reads has locked nothing.
 */
#include "core/abi.h"
#include "core/fd/iov.h"
#include "core/fs/remote/node.h"

enum { BOUNCE_MAX = 32 };

struct bounce {
	void *page[BOUNCE_MAX];
	unsigned count;
};

static int bounce_begin(struct bounce *bounce,
			const struct eft_remote_node *node, size_t len)
{
	size_t wanted = (len + EFT_PAGE_MASK) / EFT_PAGE_SIZE;

	wanted = eft_min(wanted, eft_min(node->remote->io_pages_max,
					 (unsigned)BOUNCE_MAX));
	bounce->count = 0;
	while (bounce->count < wanted &&
	       (bounce->page[bounce->count] = eft_page_alloc(0)) != NULL)
		bounce->count++;
	return bounce->count > 0 ? 0 : -ENOMEM;
}

static void bounce_end(struct bounce *bounce)
{
	while (bounce->count > 0)
		eft_page_free(bounce->page[--bounce->count]);
}

/* (len) bytes of the pages at (at), or fewer. */
static struct eft_remote_data data_of(const struct bounce *bounce, off_t at,
				      size_t len)
{
	size_t bytes = eft_min(len, (size_t)bounce->count * EFT_PAGE_SIZE);

	return (struct eft_remote_data){
		.offset = (uint64_t)at,
		.page = bounce->page,
		.count = (unsigned)((bytes + EFT_PAGE_MASK) / EFT_PAGE_SIZE),
		.bytes = bytes,
	};
}

static int copy_out(struct eft_cursor *cursor, const struct bounce *bounce,
		    size_t len)
{
	int error = 0;

	for (unsigned i = 0; len > 0 && error == 0; i++) {
		size_t n = eft_min(len, EFT_PAGE_SIZE);

		error = eft_cursor_put(cursor, bounce->page[i], n);
		len -= n;
	}
	return error;
}

static int copy_in(struct eft_cursor *cursor, const struct bounce *bounce,
		   size_t len)
{
	int error = 0;

	for (unsigned i = 0; len > 0 && error == 0; i++) {
		size_t n = eft_min(len, EFT_PAGE_SIZE);

		error = eft_cursor_take(cursor, bounce->page[i], n);
		len -= n;
	}
	return error;
}

static bool fits(size_t len, off_t at)
{
	return len <= (uint64_t)(INT64_MAX - at);
}

static ssize_t read_some(struct eft_file *file, struct eft_cursor *cursor,
			 const struct bounce *bounce, off_t at, size_t len)
{
	const struct eft_remote_data data = data_of(bounce, at, len);
	ssize_t n = eft_remote_read(eft_remote_node_of(file),
				    eft_remote_file(file)->open, &data);

	if (n > 0 && copy_out(cursor, bounce, (size_t)n) != 0)
		return -EFAULT;
	return n;
}

static ssize_t read_at(struct eft_file *file, const struct eft_iovec *iov,
		       int count, off_t *at)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	size_t len = eft_iov_total(iov, count), done = 0;
	struct eft_cursor cursor = {.iov = iov};
	struct bounce bounce;
	ssize_t n = 1;

	if (!fits(len, *at))
		return -EINVAL;
	if (len == 0)
		return 0;
	eft_remote_write_back(node);
	if (bounce_begin(&bounce, node, len) != 0)
		return -ENOMEM;
	while (done < len && n > 0) {
		n = read_some(file, &cursor, &bounce, *at + (off_t)done,
			      len - done);
		if (n > 0)
			done += (size_t)n;
	}
	bounce_end(&bounce);
	*at += (off_t)done;
	return done > 0 ? (ssize_t)done : n;
}

static ssize_t direct_read(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at)
{
	return eft_file_transfer(file, iov, count, at, read_at);
}

/*
 * Writing.
 */

/* The server has (data) by now: so have mappings. */
static void note_written(struct eft_remote_node *node,
			 const struct eft_remote_data *data, size_t len,
			 unsigned ended)
{
	uint64_t end = data->offset + len;

	if (end > node->size)
		node->size = end;
	if (!eft_remote_has_pages(node))
		return;
	if (end > node->cached.pages.size)
		eft_cached_resize(&node->cached, end);
	for (unsigned i = 0; len > 0; i++) {
		size_t n = eft_min(len, EFT_PAGE_SIZE);

		eft_cached_patch(&node->cached,
				 data->offset + (uint64_t)i * EFT_PAGE_SIZE,
				 data->page[i], n, ended);
		len -= n;
	}
}

/* As if (len) bytes had been taken. */
static void skip(struct eft_cursor *cursor, size_t len)
{
	while (len > 0) {
		size_t n = len;

		eft_cursor_next(cursor, &n);
		len -= n;
	}
}

static ssize_t write_some(struct eft_file *file, struct eft_cursor *cursor,
			  const struct bounce *bounce, off_t at, size_t len)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	const struct eft_remote_data data = data_of(bounce, at, len);
	struct eft_cursor copied = *cursor;
	unsigned ended = 0;
	ssize_t n;

	if (copy_in(&copied, bounce, data.bytes) != 0)
		return -EFAULT;
	if (eft_remote_has_pages(node))
		ended = eft_cached_ended(&node->cached);
	n = eft_remote_write(node, eft_remote_file(file)->open, &data);
	if (n > 0) {
		note_written(node, &data, (size_t)n, ended);
		skip(cursor, (size_t)n);
	}
	return n;
}

static ssize_t write_locked(struct eft_file *file, const struct eft_iovec *iov,
			    size_t len, off_t *at)
{
	struct eft_cursor cursor = {.iov = iov};
	struct bounce bounce;
	size_t done = 0;
	ssize_t n = 0;

	if (bounce_begin(&bounce, eft_remote_node_of(file), len) != 0)
		return -ENOMEM;
	do {
		n = write_some(file, &cursor, &bounce, *at + (off_t)done,
			       len - done);
		if (n > 0)
			done += (size_t)n;
	} while (done < len && n > 0);
	bounce_end(&bounce);
	*at += (off_t)done;
	return done > 0 ? (ssize_t)done : n;
}

static ssize_t write_at(struct eft_file *file, const struct eft_iovec *iov,
			int count, off_t *at)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	size_t len = eft_iov_total(iov, count);
	ssize_t n = 0;

	if (len == 0)
		return 0;
	eft_mutex_lock(&node->node.lock);
	if (file->flags & O_APPEND) {
		n = eft_remote_attributes_ask(node);
		*at = (off_t)node->size;
	}
	if (n == 0 && !fits(len, *at))
		n = -EINVAL;
	if (n == 0)
		n = write_locked(file, iov, len, at);
	eft_mutex_unlock(&node->node.lock);
	return n;
}

static ssize_t direct_write(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at)
{
	return eft_remote_file_written(
		file, eft_file_transfer(file, iov, count, at, write_at));
}

const struct eft_file_ops eft_remote_direct_ops = {
	EFT_NODE_FILE_ATTRIBUTES,
	.read = direct_read,
	.write = direct_write,
	.seek = eft_remote_file_seek,
	.sync = eft_remote_file_sync,
	.set_size = eft_remote_file_set_size,
	.allocate = eft_remote_file_allocate,
	.release = eft_remote_file_release,
};

const struct eft_file_ops eft_remote_mapped_ops = {
	EFT_NODE_FILE_ATTRIBUTES_BUT_CLOSED,
	.closed = eft_remote_file_closed,
	.read = direct_read,
	.write = direct_write,
	.seek = eft_remote_file_seek,
	.sync = eft_remote_file_sync,
	.set_size = eft_remote_file_set_size,
	.allocate = eft_remote_file_allocate,
	.pages = eft_remote_file_pages,
	.sync_map = eft_remote_file_sync_map,
	.release = eft_remote_file_release,
};

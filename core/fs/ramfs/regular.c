// SPDX-License-Identifier: BSD-3-Clause
/*
 * Regular files in memory.
 *
 * The node's mutex is held over a whole read or write, and so over copies to
 * and from the program's memory. That memory may be a mapping of the same file
 * and fault: a fault takes no mutex, for the array of pages has a lock of its
 * own.
 */
#include "core/fs/ramfs/regular.h"
#include "core/fd/iov.h"
#include "core/log.h"

/* Only images that call fallocate(2) or msync(2), or map files, have them. */
#pragma weak eft_regular_allocate
#pragma weak eft_regular_map
#pragma weak eft_regular_pages
#pragma weak eft_regular_sync_map

/* May the bytes at (at) have offsets at all? (fs/read_write.c) */
static ssize_t transfer_read(struct eft_file *file, const struct eft_iovec *iov,
			     int count, int64_t at)
{
	struct eft_regular *reg = eft_regular_of(file);
	int64_t from = at;
	int error = 0;

	if (!eft_iov_fits(iov, count, at))
		return -EINVAL;
	eft_assert(at >= 0);
	eft_mutex_lock(&reg->node.lock);
	for (int i = 0; i < count && at < eft_regular_size(reg) && error == 0;
	     i++) {
		size_t len = eft_min(iov[i].len,
				     (uint64_t)(eft_regular_size(reg) - at));

		at += (int64_t)eft_pages_read(&reg->pages, (uint64_t)at,
					      iov[i].base, len, &error);
	}
	eft_node_file_accessed_locked(eft_node_file(file));
	eft_mutex_unlock(&reg->node.lock);
	return at > from ? at - from : error;
}

/* *at: where to write; set to the end of what was written. */
static ssize_t transfer_write(struct eft_regular *reg,
			      const struct eft_iovec *iov, int count,
			      bool append, int64_t *at)
{
	size_t done = 0;
	int error = 0;

	if (!eft_iov_fits(iov, count, *at))
		return -EINVAL;
	eft_mutex_lock(&reg->node.lock);
	if (append)
		*at = eft_regular_size(reg);
	for (int i = 0; i < count && error == 0; i++) {
		size_t len = iov[i].len, n;

		if (len == 0)
			continue;
		if (*at >= EFT_REGULAR_SIZE_MAX) {
			error = -EFBIG;
			break;
		}
		len = eft_min(len, (uint64_t)(EFT_REGULAR_SIZE_MAX - *at));
		n = eft_pages_write(&reg->pages, (uint64_t)*at, iov[i].base,
				    len, &error);
		done += n;
		*at += (int64_t)n;
		if (error == 0 && n < iov[i].len)
			error = -EFBIG;
	}
	if (done > 0)
		eft_node_modified_locked(&reg->node);
	eft_mutex_unlock(&reg->node.lock);
	return done > 0 ? (ssize_t)done : error;
}

static ssize_t ramfs_read(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	ssize_t n;

	if (at != EFT_AT_POSITION)
		return transfer_read(file, iov, count, at);
	eft_mutex_lock(&file->lock);
	n = transfer_read(file, iov, count, file->position);
	if (n > 0)
		file->position += n;
	eft_mutex_unlock(&file->lock);
	return n;
}

static ssize_t ramfs_write(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at)
{
	struct eft_regular *reg = eft_regular_of(file);
	bool append = file->flags & O_APPEND;
	ssize_t n;

	if (at != EFT_AT_POSITION)
		return transfer_write(reg, iov, count, append, &at);
	eft_mutex_lock(&file->lock);
	at = file->position;
	n = transfer_write(reg, iov, count, append, &at);
	if (n > 0)
		file->position = at;
	eft_mutex_unlock(&file->lock);
	return n;
}

static int regular_set_size(struct eft_node *node, off_t size)
{
	int error;

	if (size < 0)
		return -EINVAL;
	if (size > EFT_REGULAR_SIZE_MAX)
		return -EFBIG;
	eft_mutex_lock(&node->lock);
	error = eft_pages_resize(&eft_regular(node)->pages, (uint64_t)size);
	if (error == 0)
		eft_node_modified_locked(node);
	eft_mutex_unlock(&node->lock);
	return error;
}

static int ramfs_set_size(struct eft_file *file, off_t size)
{
	if ((file->flags & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	return regular_set_size(eft_node_file(file)->place.node, size);
}

const struct eft_file_ops eft_ramfs_ops = {
	EFT_NODE_FILE_OPS,
	.read = ramfs_read,
	.write = ramfs_write,
	.seek = eft_regular_seek,
	.set_size = ramfs_set_size,
	.allocate = eft_regular_allocate,
	.sync_map = eft_regular_sync_map,
	.pages = eft_regular_pages,
	.map = eft_regular_map,
};

static int regular_stat(struct eft_node *node, struct eft_stat *st)
{
	struct eft_regular *reg = eft_regular(node);

	st->size = eft_regular_size(reg);
	st->blocks =
		(int64_t)(eft_pages_used(&reg->pages) * (EFT_PAGE_SIZE / 512));
	return 0;
}

static void regular_release(struct eft_node *node)
{
	struct eft_regular *reg = eft_regular(node);

	eft_pages_fini(&reg->pages);
	eft_free(reg);
}

const struct eft_node_type eft_regular_type = {
	.file_ops = &eft_ramfs_ops,
	.stat = regular_stat,
	.set_size = regular_set_size,
	.release = regular_release,
};

struct eft_node *eft_ramfs_create(unsigned mode)
{
	struct eft_regular *reg = eft_alloc(sizeof(*reg));

	if (reg == NULL)
		return NULL;
	eft_node_init(&reg->node, &eft_regular_type, S_IFREG | (mode & 07777));
	eft_lock_init(&reg->pages.lock, EFT_RANK_FILE_PAGES);
	return &reg->node;
}

void eft_ramfs_borrow(struct eft_node *node, const void *data, size_t len)
{
	struct eft_regular *reg = eft_regular(node);

	eft_assert(reg->pages.count == 0);
	reg->pages.borrowed = data;
	reg->pages.borrowed_bytes = len;
	reg->pages.size = len;
}

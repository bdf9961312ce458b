// SPDX-License-Identifier: BSD-3-Clause
/*
 * Regular files: what is the same whether they are kept or not.
 */
#include "core/abi.h"
#include "core/fs/remote/node.h"

static const struct eft_file_ops *ops_of(const struct eft_remote *remote)
{
	switch (remote->trust) {
	case EFT_REMOTE_LOOSE:
		return &eft_remote_kept_ops;
	case EFT_REMOTE_MMAP:
		return &eft_remote_mapped_ops;
	default:
		return &eft_remote_direct_ops;
	}
}

/* Returns how many there were. */
static unsigned count_description(struct eft_remote_node *node, int more)
{
	unsigned before;

	eft_mutex_lock(&node->opening);
	before = node->descriptions;
	node->descriptions += (unsigned)more;
	eft_mutex_unlock(&node->opening);
	return before;
}

/*
 * One more: who is the only one sees in mappings what the server has now. The
 * next one waits for that, so that nothing that it maps is dropped.
 */
static void add_description(struct eft_remote_node *node)
{
	bool mmap = node->remote->trust == EFT_REMOTE_MMAP, alone;

	eft_mutex_lock(&node->node.lock);
	alone = count_description(node, 1) == 0;
	if (mmap)
		eft_remote_attributes_ask(node);
	if (mmap && alone)
		eft_cached_drop(&node->cached, 0, UINT64_MAX);
	eft_mutex_unlock(&node->node.lock);
}

int eft_remote_file_open(const struct eft_place *place, int flags,
			 struct eft_file **ret_file)
{
	struct eft_remote_node *node = eft_remote_node(place->node);
	struct eft_remote_file *rf = eft_alloc(sizeof(*rf));
	int error;

	if (rf == NULL)
		return -ENOMEM;
	error = eft_remote_open_get(node, flags & O_ACCMODE, &rf->open);
	if (error != 0) {
		eft_free(rf);
		return error;
	}
	eft_node_file_init(&rf->nf, place,
			   eft_remote_watched(place, ops_of(node->remote)),
			   flags);
	add_description(node);
	*ret_file = &rf->nf.file;
	return 0;
}

/*
 * As Linux's FUSE and NFS have it: what was written is the server's when close()
 * returns, or it tells why not. The log does too, for few programs look.
 */
int eft_remote_file_closed(struct eft_file *file)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	int error = 0;

	if (eft_node_file_closed != NULL)
		eft_node_file_closed(file);
	if ((file->flags & O_ACCMODE) != O_RDONLY)
		error = eft_cached_sync(&node->cached, 0, UINT64_MAX);
	if (error != 0)
		eft_remote_say_lost(node);
	return error;
}

/* What it wrote is the server's by then, for whoever looks there. */
void eft_remote_file_release(struct eft_file *file)
{
	struct eft_remote_file *rf = eft_remote_file(file);
	struct eft_remote_node *node = eft_remote_node_of(file);

	if ((file->flags & O_ACCMODE) != O_RDONLY) {
		eft_remote_write_back(node);
		if (eft_remote_has_pages(node) && node->cached.error != 0)
			eft_remote_say_lost(node); /* as no fsync() has */
	}
	count_description(node, -1);
	eft_remote_open_put(node, rf->open);
	eft_node_file_fini(&rf->nf);
	eft_free(rf);
}

static int sync_server(struct eft_file *file, bool data_only)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	struct eft_remote *remote = node->remote;
	struct eft_remote_name *name = eft_remote_name_get(node);
	int error = remote->ops->sync(remote, name->handle,
				      eft_remote_file(file)->open->handle,
				      data_only);

	eft_remote_name_put(remote, name);
	return error;
}

int eft_remote_file_sync(struct eft_file *file, bool data_only)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	int error = 0;

	if (eft_remote_has_pages(node))
		error = eft_cached_sync(&node->cached, 0, UINT64_MAX);
	return error == 0 ? sync_server(file, data_only) : error;
}

ssize_t eft_remote_file_written(struct eft_file *file, ssize_t n)
{
	int error = 0;

	if (n > 0 && file->flags & (O_SYNC | O_DSYNC))
		error = eft_remote_file_sync(file,
					     (file->flags & O_SYNC) != O_SYNC);
	return error != 0 ? error : n;
}

/*
 * Sizes.
 */

static int tell_size(struct eft_remote_node *node, uint64_t size)
{
	const struct eft_remote_attributes attributes = {.size = size};

	return eft_remote_set(node, EFT_REMOTE_SET_SIZE, &attributes);
}

/* (node) has (size) bytes by now. Locked. */
static void note_size(struct eft_remote_node *node, uint64_t size)
{
	node->size = size;
	if (eft_remote_has_pages(node))
		eft_cached_resize(&node->cached, size);
	/* The server's clock says when, as it says of what it truncates. */
	eft_remote_set_flag(&node->written, false);
	eft_remote_set_flag(&node->stale, true);
}

/*
 * What is dirty is written first, so that nothing is lost if the server refuses;
 * what is past the end is cut before the server does, so that nothing is written
 * there later.
 */
static int set_size_locked(struct eft_remote_node *node, uint64_t size)
{
	uint64_t before;
	int error;

	if (!eft_remote_has_pages(node)) {
		error = tell_size(node, size);
		if (error == 0)
			note_size(node, size);
		return error;
	}
	eft_remote_write_back(node);
	before = node->cached.pages.size;
	if (size < before)
		eft_cached_resize(&node->cached, size);
	error = tell_size(node, size);
	if (error == 0)
		note_size(node, size);
	else if (size < before)
		eft_cached_resize(&node->cached, before);
	return error;
}

int eft_remote_set_size(struct eft_node *at, off_t size)
{
	int error;

	if (size < 0)
		return -EINVAL;
	eft_mutex_lock(&at->lock);
	error = set_size_locked(eft_remote_node(at), (uint64_t)size);
	eft_mutex_unlock(&at->lock);
	return error;
}

int eft_remote_file_set_size(struct eft_file *file, off_t size)
{
	if ((file->flags & O_ACCMODE) == O_RDONLY)
		return -EINVAL;
	return eft_remote_set_size(eft_node_file(file)->place.node, size);
}

/* What the server has there is newer than pages. */
static void drop(struct eft_remote_node *node, uint64_t from, uint64_t to)
{
	if (eft_remote_has_pages(node))
		eft_cached_drop(&node->cached, from / EFT_PAGE_SIZE,
				(to + EFT_PAGE_MASK) / EFT_PAGE_SIZE);
}

static void grow(struct eft_remote_node *node, uint64_t size)
{
	bool pages = eft_remote_has_pages(node);

	if (size > (pages ? node->cached.pages.size : node->size))
		note_size(node, size);
}

void eft_remote_changed(struct eft_remote_node *node, uint64_t offset,
			uint64_t len)
{
	drop(node, offset, offset + len);
	grow(node, offset + len);
	eft_remote_set_flag(&node->stale, true);
}

/*
 * fallocate(2)
 */
static int tell_allocate(struct eft_file *file, int mode, uint64_t offset,
			 uint64_t len)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	struct eft_remote *remote = node->remote;
	struct eft_remote_name *name = eft_remote_name_get(node);
	int error = remote->ops->allocate(remote, name->handle,
					  eft_remote_file(file)->open->handle,
					  mode, offset, len);

	eft_remote_name_put(remote, name);
	return error;
}

/* The server changes what pages are of: it has them, and then they go. */
static int allocate_locked(struct eft_file *file, int mode, uint64_t offset,
			   uint64_t len)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	int error;

	eft_remote_write_back(node);
	error = tell_allocate(file, mode, offset, len);
	if (error != 0)
		return error;
	if (mode & ~FALLOC_FL_KEEP_SIZE)
		drop(node, offset, offset + len);
	if (!(mode & FALLOC_FL_KEEP_SIZE))
		grow(node, offset + len);
	eft_remote_set_flag(&node->stale, true);
	return 0;
}

int eft_remote_file_allocate(struct eft_file *file, int mode, off_t offset,
			     off_t len)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	int what = mode & ~FALLOC_FL_KEEP_SIZE, error;
	off_t end;

	if ((file->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (offset < 0 || len <= 0)
		return -EINVAL;
	if (node->remote->ops->allocate == NULL ||
	    (what != 0 && what != FALLOC_FL_ZERO_RANGE &&
	     mode != (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)))
		return -EOPNOTSUPP;
	if (__builtin_add_overflow(offset, len, &end))
		return -EFBIG;
	if (node->remote->read_only)
		return -EROFS;
	eft_mutex_lock(&node->node.lock);
	error = allocate_locked(file, mode, (uint64_t)offset, (uint64_t)len);
	eft_mutex_unlock(&node->node.lock);
	return error;
}

static off_t ask_seek(struct eft_file *file, off_t at, int whence)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	struct eft_remote *remote = node->remote;
	struct eft_remote_name *name;
	off_t found;

	if (remote->ops->seek == NULL)
		return -ENOSYS;
	eft_remote_write_back(node);
	name = eft_remote_name_get(node);
	found = remote->ops->seek(remote, name->handle,
				  eft_remote_file(file)->open->handle,
				  (uint64_t)at, whence);
	eft_remote_name_put(remote, name);
	return found >= 0 && found < at ? -EIO : found;
}

/* A server that does not say where holes are: all is data, as for Linux. */
static off_t seek_contents(struct eft_file *file, uint64_t size, off_t at,
			   int whence)
{
	off_t found;

	if (at < 0 || (uint64_t)at >= size)
		return -ENXIO;
	found = ask_seek(file, at, whence);
	if (found == -ENOSYS)
		return whence == SEEK_DATA ? at : (off_t)size;
	if (found >= 0 && (uint64_t)found >= size)
		return whence == SEEK_DATA ? -ENXIO : (off_t)size;
	return found;
}

static off_t find_offset(struct eft_file *file, off_t offset, int whence)
{
	struct eft_remote_node *node = eft_remote_node_of(file);
	uint64_t size = 0;
	int error = 0;

	if (whence == SEEK_END || whence == SEEK_DATA || whence == SEEK_HOLE) {
		error = eft_remote_attributes_ask(node);
		size = eft_remote_has_pages(node) ? node->cached.pages.size
						  : node->size;
	}
	if (error != 0)
		return error;
	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		return seek_contents(file, size, offset, whence);
	return eft_file_offset(file, offset, whence, (off_t)size);
}

off_t eft_remote_file_seek(struct eft_file *file, off_t offset, int whence)
{
	struct eft_node *node = eft_node_file(file)->place.node;

	eft_mutex_lock(&file->lock);
	eft_mutex_lock(&node->lock);
	offset = find_offset(file, offset, whence);
	eft_mutex_unlock(&node->lock);
	if (offset >= 0)
		file->position = offset;
	eft_mutex_unlock(&file->lock);
	return offset;
}

/*
 * Mappings.
 */
struct eft_pages *eft_remote_file_pages(struct eft_file *file)
{
	return &eft_remote_node_of(file)->cached.pages;
}

int eft_remote_file_sync_map(struct eft_file *file, uintptr_t addr, size_t len,
			     int flags)
{
	if ((file->flags & O_ACCMODE) != O_RDWR)
		return 0;
	return flags & MS_SYNC ? eft_remote_file_sync(file, true) : 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Block special files: /dev/vda, /dev/vda1… Each disk and each partition has
 * its contents in the page cache once, whatever nodes and descriptions lead to
 * it; a file system on it reads and writes without that.
 *
 * LOCKS  A disk's mutex is held over a read or a write, as a node's in ramfs:
 *        several nodes may lead to it.
 */
#include "core/block/disk.h"
#include "core/cache.h"
#include "core/fd/iov.h"
#include "core/log.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

/* Who has disks looks for them before the program begins. */
eft_needs(eft_root_late);

/* And sees in /proc what they do. */
eft_needs(eft_proc_disks_init);

struct special {
	struct special *next;
	struct eft_disk *disk;
	struct eft_mutex lock;
	struct eft_cached cached;
};

static struct special *specials; /* made at boot: they do not change */

static struct special *special_of(struct eft_cached *cached)
{
	return eft_container_of(cached, struct special, cached);
}

static struct special *find(uint64_t rdev)
{
	struct special *special = specials;

	while (special != NULL && special->disk->rdev != rdev)
		special = special->next;
	return special;
}

static struct special *special_at(struct eft_file *file)
{
	struct special *special = find(eft_node_file(file)->place.node->rdev);

	eft_assert(special != NULL); /* it could be opened */
	return special;
}

/* Bytes of the disk in the (count) pages at (index), which may be fewer. */
static uint64_t bytes_at(const struct eft_disk *disk, uint64_t index,
			 unsigned count)
{
	uint64_t at = index * EFT_PAGE_SIZE;

	return eft_min((uint64_t)count * EFT_PAGE_SIZE,
		       disk->bytes - eft_min(at, disk->bytes));
}

static void add_io(struct eft_io *io, struct eft_disk *disk,
		   enum eft_block_operation operation, uint64_t index,
		   void *const page[], unsigned count)
{
	struct eft_block_part part[32];
	uint64_t left = bytes_at(disk, index, count);
	unsigned n = 0;

	eft_assert(count <= eft_array_size(part));
	for (; left > 0; n++) {
		part[n].data = page[n];
		part[n].len = (uint32_t)eft_min(left, EFT_PAGE_SIZE);
		left -= part[n].len;
	}
	eft_io_add(io, disk, operation, index * EFT_PAGE_SIZE, part, n);
}

static int read_pages(struct eft_cached *cached, uint64_t index,
		      void *const page[], unsigned count)
{
	struct eft_io io;

	eft_io_begin(&io);
	add_io(&io, special_of(cached)->disk, EFT_BLOCK_READ, index, page,
	       count);
	return eft_io_wait(&io);
}

static size_t read_out(struct eft_cached *cached, uint64_t offset,
		       char eft_user *buf, size_t len)
{
	return eft_disk_read_out(special_of(cached)->disk, offset, buf, len);
}

static int write_runs(struct eft_cached *cached,
		      const struct eft_cached_run run[], unsigned count)
{
	struct eft_io io;

	eft_io_begin(&io);
	for (unsigned i = 0; i < count; i++)
		add_io(&io, special_of(cached)->disk, EFT_BLOCK_WRITE,
		       run[i].index, run[i].page, run[i].count);
	return eft_io_wait(&io);
}

static const struct eft_cached_source source = {
	.read = read_pages,
	.read_out = read_out,
	.write = write_runs,
};

/* How many of (len) bytes at (at) does the disk have? */
static size_t within(const struct eft_disk *disk, uint64_t at, size_t len)
{
	return eft_min(len, disk->bytes - eft_min(at, disk->bytes));
}

static ssize_t read_at(struct eft_file *file, const struct eft_iovec *iov,
		       int count, off_t *at)
{
	return eft_cached_read_iov(&special_at(file)->cached, iov, count, at);
}

static ssize_t write_at(struct eft_file *file, const struct eft_iovec *iov,
			int count, off_t *at)
{
	struct special *special = special_at(file);
	off_t from = *at;
	int error = 0;

	eft_mutex_lock(&special->lock);
	for (int i = 0; i < count && error == 0; i++) {
		size_t n = within(special->disk, (uint64_t)*at, iov[i].len);

		*at += (off_t)eft_cached_write(&special->cached, (uint64_t)*at,
					       iov[i].base, n, &error);
		if (n < iov[i].len && error == 0)
			error = -ENOSPC;
	}
	eft_mutex_unlock(&special->lock);
	return *at > from ? *at - from : error;
}

static ssize_t special_read(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at)
{
	return eft_file_transfer(file, iov, count, at, read_at);
}

static int special_sync(struct eft_file *file, bool data_only)
{
	struct special *special = special_at(file);
	int error = eft_cached_sync(&special->cached, 0, UINT64_MAX);

	return error != 0 ? error : eft_disk_flush(special->disk);
}

static ssize_t special_write(struct eft_file *file, const struct eft_iovec *iov,
			     int count, off_t at)
{
	ssize_t n = eft_file_transfer(file, iov, count, at, write_at);
	int error = 0;

	if (n > 0 && file->flags & (O_SYNC | O_DSYNC))
		error = special_sync(file, true);
	return error != 0 ? error : n;
}

static off_t special_seek(struct eft_file *file, off_t offset, int whence)
{
	off_t bytes = (off_t)special_at(file)->disk->bytes;

	eft_mutex_lock(&file->lock);
	offset = eft_file_offset(file, offset, whence, bytes);
	if (offset > bytes)
		offset = -EINVAL;
	if (offset >= 0)
		file->position = offset;
	eft_mutex_unlock(&file->lock);
	return offset;
}

static int special_sync_map(struct eft_file *file, uintptr_t addr, size_t len,
			    int flags)
{
	return flags & MS_SYNC ? special_sync(file, true) : 0;
}

static struct eft_pages *special_pages(struct eft_file *file)
{
	return &special_at(file)->cached.pages;
}

/* Linux, include/uapi/linux/fs.h */
enum {
	BLKROGET = 0x125e,
	BLKGETSIZE = 0x1260, /* in sectors of 512 bytes */
	BLKFLSBUF = 0x1261,
	BLKSSZGET = 0x1268,
	BLKPBSZGET = 0x127b,
};
#define BLKBSZGET    0x80081270
#define BLKGETSIZE64 0x80081272

static int put_int(void eft_user *arg, int value)
{
	return eft_copy_out(arg, &value, sizeof(value));
}

static int put_u64(void eft_user *arg, uint64_t value)
{
	return eft_copy_out(arg, &value, sizeof(value));
}

static int special_ioctl(struct eft_file *file, unsigned long request,
			 void eft_user *arg)
{
	const struct eft_disk *disk = special_at(file)->disk;

	switch (request) {
	case BLKROGET:
		return put_int(arg, disk->read_only);
	case BLKGETSIZE:
		return put_u64(arg, disk->bytes / 512);
	case BLKGETSIZE64:
		return put_u64(arg, disk->bytes);
	case BLKSSZGET:
	case BLKPBSZGET:
		return put_int(arg, (int)disk->block->sector_bytes);
	case BLKBSZGET:
		return put_int(arg, EFT_PAGE_SIZE);
	case BLKFLSBUF:
		return special_sync(file, true);
	}
	return -ENOTTY;
}

static const struct eft_file_ops special_ops = {
	EFT_NODE_FILE_ATTRIBUTES,     .release = eft_node_file_release,
	.read = special_read,	      .write = special_write,
	.seek = special_seek,	      .sync = special_sync,
	.sync_map = special_sync_map, .pages = special_pages,
	.ioctl = special_ioctl,
};

static int special_open(const struct eft_place *place, int flags,
			struct eft_file **ret_file)
{
	struct special *special = find(place->node->rdev);
	struct eft_node_file *nf;

	if (special == NULL)
		return -ENXIO;
	if ((flags & O_ACCMODE) != O_RDONLY && special->disk->read_only)
		return -EACCES;
	nf = eft_alloc(sizeof(*nf));
	if (nf == NULL)
		return -ENOMEM;
	eft_node_file_init(nf, place, &special_ops, flags);
	*ret_file = &nf->file;
	return 0;
}

static void special_release(struct eft_node *node)
{
	eft_free(node);
}

const struct eft_node_type eft_disk_node_type = {
	.open = special_open,
	.release = special_release,
};

static int add_special(struct eft_disk *disk)
{
	struct special *special = eft_alloc(sizeof(*special));

	if (special == NULL)
		return -ENOMEM;
	special->disk = disk;
	eft_mutex_init(&special->lock, EFT_RANK_NODE);
	eft_cached_init(&special->cached, &source, disk->bytes);
	special->cached.reads_out = disk->block->read_out != NULL;
	special->next = specials;
	specials = special;
	return 0;
}

int eft_disks(struct eft_dir *dev)
{
	struct eft_disk *disk = NULL;
	int error = 0;

	while (error == 0 && (disk = eft_disk_next(disk)) != NULL) {
		struct eft_node *node =
			eft_dev_create(S_IFBLK | 0660, disk->rdev);

		if (find(disk->rdev) == NULL)
			error = add_special(disk);
		if (node == NULL || error != 0) {
			eft_node_put(node);
			return -ENOMEM;
		}
		error = eft_vfs_add(dev, disk->name, node, 0755, NULL);
	}
	return error;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files of memfd_create(2): regular files in memory, but for what their seals
 * forbid (Linux mm/shmem.c, mm/memfd.c).
 *
 * LOCKS  What seals may forbid is done with a mutex held, so that none of it is
 *        under way when a seal has been added.
 */
#include "core/memfd.h"
#include "core/fs/ramfs/regular.h"
#include "core/lib.h"

enum { EFT_MEMFD_DEV = 255 }; /* st_dev: a number that no tree has */

static const char prefix[] = "/memfd:", suffix[] = " (deleted)";

struct memfd {
	struct eft_regular regular;
	struct eft_mutex sealing;
	uint32_t seals; /* atomic; added to with (sealing) held */
	char name[];
};

static struct memfd *memfd_of(struct eft_file *file)
{
	return eft_container_of(eft_regular_of(file), struct memfd, regular);
}

static uint32_t seals_of(struct eft_file *file)
{
	return __atomic_load_n(&memfd_of(file)->seals, __ATOMIC_ACQUIRE);
}

static void lock_seals(struct eft_file *file)
{
	eft_mutex_lock(&memfd_of(file)->sealing);
}

static void unlock_seals(struct eft_file *file)
{
	eft_mutex_unlock(&memfd_of(file)->sealing);
}

static ssize_t memfd_read(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	return eft_ramfs_ops.read(file, iov, count, at);
}

/* What may be written without growing: the first (room) bytes of (iov). */
static ssize_t write_within(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at, uint64_t room)
{
	ssize_t done = 0, n = 0;

	for (int i = 0; i < count && room > 0; i++) {
		struct eft_iovec piece = {iov[i].base,
					  eft_min(iov[i].len, room)};

		n = eft_ramfs_ops.write(file, &piece, 1,
					at == EFT_AT_POSITION ? at : at + done);
		if (n <= 0)
			break;
		done += n;
		room -= (uint64_t)n;
	}
	return done > 0 ? done : n;
}

/* Of a write past the end the whole pages before it remain. */
static ssize_t write_sealed(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at, size_t len)
{
	uint64_t size = (uint64_t)eft_regular_size(eft_regular_of(file));
	off_t from = at;

	if (file->flags & O_APPEND)
		from = (off_t)size;
	else if (at == EFT_AT_POSITION)
		from = file->ops->seek(file, 0, SEEK_CUR);
	if (from < 0)
		return from;
	if ((uint64_t)from + len <= size)
		return eft_ramfs_ops.write(file, iov, count, at);
	size = eft_align_down(size, EFT_PAGE_SIZE);
	if ((uint64_t)from >= size)
		return -EPERM;
	return write_within(file, iov, count, at, size - (uint64_t)from);
}

static ssize_t write_locked(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at)
{
	uint32_t seals = seals_of(file);
	size_t len = 0;

	for (int i = 0; i < count; i++)
		len += iov[i].len;
	if (len > 0 && seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	if (len > 0 && seals & F_SEAL_GROW)
		return write_sealed(file, iov, count, at, len);
	return eft_ramfs_ops.write(file, iov, count, at);
}

static ssize_t memfd_write(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at)
{
	ssize_t n;

	lock_seals(file);
	n = write_locked(file, iov, count, at);
	unlock_seals(file);
	return n;
}

static bool may_resize(uint32_t seals, int64_t size, int64_t new_size)
{
	return !(new_size < size && seals & F_SEAL_SHRINK) &&
	       !(new_size > size && seals & F_SEAL_GROW);
}

static int memfd_set_size(struct eft_file *file, off_t size)
{
	int error = -EPERM;

	lock_seals(file);
	if (may_resize(seals_of(file), eft_regular_size(eft_regular_of(file)),
		       size))
		error = eft_ramfs_ops.set_size(file, size);
	unlock_seals(file);
	return error;
}

static int memfd_allocate(struct eft_file *file, int mode, off_t offset,
			  off_t len)
{
	struct eft_regular *regular = eft_regular_of(file);
	int error = -EPERM;

	lock_seals(file);
	if (mode & FALLOC_FL_KEEP_SIZE || !(seals_of(file) & F_SEAL_GROW) ||
	    offset + len <= eft_regular_size(regular))
		error = eft_ramfs_ops.allocate(file, mode, offset, len);
	unlock_seals(file);
	return error;
}

static int memfd_chmod(struct eft_file *file, unsigned mode)
{
	struct eft_node *node = eft_node_file(file)->place.node;
	int error = -EPERM;

	lock_seals(file);
	if (!(seals_of(file) & F_SEAL_EXEC) || !((node->mode ^ mode) & 0111))
		error = eft_ramfs_ops.chmod(file, mode);
	unlock_seals(file);
	return error;
}

static ssize_t memfd_path(struct eft_file *file, char *buf, size_t size)
{
	struct memfd *memfd = memfd_of(file);
	size_t len = eft_strlen(memfd->name);

	if (len > size)
		return -ENAMETOOLONG;
	memcpy(buf, memfd->name, len);
	return (ssize_t)len;
}

static off_t memfd_seek(struct eft_file *file, off_t offset, int whence)
{
	return eft_ramfs_ops.seek(file, offset, whence);
}

static int memfd_statfs(struct eft_file *file, struct eft_statfs *ret_statfs)
{
	enum { TMPFS_MAGIC = 0x01021994, ST_VALID = 0x20 };

	*ret_statfs = (struct eft_statfs){.type = TMPFS_MAGIC,
					  .bsize = EFT_PAGE_SIZE,
					  .frsize = EFT_PAGE_SIZE,
					  .namelen = NAME_MAX,
					  .flags = ST_VALID};
	return 0;
}

#pragma weak eft_regular_map
#pragma weak eft_regular_pages
#pragma weak eft_regular_sync_map

static const struct eft_file_ops memfd_ops = {
	.read = memfd_read,
	.write = memfd_write,
	.seek = memfd_seek,
	.stat = eft_node_file_stat,
	.statfs = memfd_statfs,
	.set_size = memfd_set_size,
	.allocate = memfd_allocate,
	.sync = eft_node_file_sync,
	.chmod = memfd_chmod,
	.chown = eft_node_file_chown,
	.set_times = eft_node_file_set_times,
	.lock = eft_node_file_lock,
	.flock = eft_node_file_flock,
	.closed = eft_node_file_closed,
	.path = memfd_path,
	.sync_map = eft_regular_sync_map,
	.pages = eft_regular_pages,
	.map = eft_regular_map,
	.release = eft_node_file_release,
};

static int memfd_stat(struct eft_node *node, struct eft_stat *st)
{
	eft_regular_type.stat(node, st);
	return 0;
}

/* O_TRUNC, of one that is opened again. */
static int memfd_node_set_size(struct eft_node *node, off_t size)
{
	struct memfd *memfd =
		eft_container_of(eft_regular(node), struct memfd, regular);
	int error = -EPERM;

	eft_mutex_lock(&memfd->sealing);
	if (may_resize(memfd->seals, eft_regular_size(&memfd->regular), size))
		error = eft_regular_type.set_size(node, size);
	eft_mutex_unlock(&memfd->sealing);
	return error;
}

static void memfd_release(struct eft_node *node)
{
	eft_regular_type.release(node);
}

static const struct eft_node_type memfd_type = {
	.file_ops = &memfd_ops,
	.stat = memfd_stat,
	.set_size = memfd_node_set_size,
	.release = memfd_release,
};

static struct memfd *create(const char *name, unsigned mode, unsigned seals)
{
	size_t len = eft_strlen(name);
	struct memfd *memfd = eft_alloc(sizeof(*memfd) + sizeof(prefix) + len +
					sizeof(suffix));

	_Static_assert(offsetof(struct memfd, regular.node) == 0,
		       "as it is freed");
	if (memfd == NULL)
		return NULL;
	eft_node_init(&memfd->regular.node, &memfd_type, S_IFREG | mode);
	eft_lock_init(&memfd->regular.pages.lock, EFT_RANK_FILE_PAGES);
	eft_mutex_init(&memfd->sealing, EFT_RANK_SEALS);
	memfd->regular.node.dev = EFT_MEMFD_DEV;
	memfd->seals = seals;
	memcpy(memfd->name, prefix, sizeof(prefix) - 1);
	memcpy(memfd->name + sizeof(prefix) - 1, name, len);
	memcpy(memfd->name + sizeof(prefix) - 1 + len, suffix, sizeof(suffix));
	return memfd;
}

int eft_memfd_create(const char *name, unsigned mode, unsigned seals,
		     struct eft_file **ret_file)
{
	struct memfd *memfd = create(name, mode, seals);
	struct eft_place place = {.mount = &eft_root_mount};
	int error;

	if (memfd == NULL)
		return -ENOMEM;
	place.node = &memfd->regular.node;
	error = eft_node_open(&place, O_RDWR, ret_file);
	eft_node_put(place.node);
	return error;
}

long eft_memfd_seal(struct eft_file *file, unsigned seals)
{
	struct memfd *memfd;
	long result = -EPERM;

	if (file->ops != &memfd_ops || seals & ~(unsigned)F_SEAL_ALL)
		return -EINVAL;
	memfd = memfd_of(file);
	eft_mutex_lock(&memfd->sealing);
	if (seals & F_SEAL_EXEC && memfd->regular.node.mode & 0111)
		seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
			 F_SEAL_FUTURE_WRITE;
	if (seals == 0 || !(memfd->seals & F_SEAL_SEAL))
		result = __atomic_or_fetch(&memfd->seals, seals,
					   __ATOMIC_SEQ_CST);
	eft_mutex_unlock(&memfd->sealing);
	return result;
}

unsigned eft_memfd_seals(struct eft_file *file)
{
	return file->ops == &memfd_ops ? seals_of(file) : 0;
}

int eft_memfd_map_sealed(struct eft_file **file)
{
	const unsigned writes = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
	struct eft_file *reader;
	int error;

	if (!(eft_memfd_seals(*file) & writes))
		return 0;
	error = eft_node_open(eft_place_of(*file), O_RDONLY, &reader);
	if (error != 0)
		return error;
	eft_file_put(*file);
	*file = reader;
	return 0;
}

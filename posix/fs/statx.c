// SPDX-License-Identifier: BSD-3-Clause
#include "core/statx.h"
#include "posix/fs/path.h"
#include "posix/fs/stat.h"
#include "posix/syscalls.h"

static struct eft_statx_time time_of(struct eft_timespec time)
{
	return (struct eft_statx_time){time.sec, (uint32_t)time.nsec, 0};
}

/* A device's number as stat(2) has it (include/linux/kdev_t.h). */
static uint32_t major_of(uint64_t dev)
{
	return (uint32_t)((dev >> 8 & 0xfff) | (dev >> 32 & ~0xffful));
}

static uint32_t minor_of(uint64_t dev)
{
	return (uint32_t)((dev & 0xff) | (dev >> 12 & ~0xfful));
}

static struct eft_statx extend(const struct eft_stat *st)
{
	return (struct eft_statx){
		.mask = STATX_BASIC_STATS,
		.blksize = (uint32_t)st->blksize,
		.nlink = (uint32_t)st->nlink,
		.uid = st->uid,
		.gid = st->gid,
		.mode = (uint16_t)st->mode,
		.ino = st->ino,
		.size = (uint64_t)st->size,
		.blocks = (uint64_t)st->blocks,
		.atime = time_of(st->atime),
		.ctime = time_of(st->ctime),
		.mtime = time_of(st->mtime),
		.rdev_major = major_of(st->rdev),
		.rdev_minor = minor_of(st->rdev),
		.dev_major = major_of(st->dev),
		.dev_minor = minor_of(st->dev),
	};
}

/* Of a descriptor, if there is no path (fs/stat.c, vfs_empty_path()). */
static long find(int dirfd, const char eft_user *path, int flags,
		 struct eft_stat *ret_stat)
{
	struct eft_file *file;
	long result;

	if (path != NULL || !(flags & AT_EMPTY_PATH) || dirfd < 0)
		return eft_stat_at(dirfd, path, flags, ret_stat);
	file = eft_fd_get(dirfd);
	if (file == NULL)
		return -EBADF;
	result = file->ops->stat(file, ret_stat);
	eft_file_put(file);
	return result;
}

/* All that stat(2) tells, whatever (mask) asks for. */
long eft_sys_statx(int dirfd, const char eft_user *path, int flags,
		   unsigned mask, struct eft_statx eft_user *st)
{
	struct eft_statx extended;
	struct eft_stat found;
	long result;

	if (mask & STATX_RESERVED ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	result = find(dirfd, path, flags, &found);
	if (result < 0)
		return result;
	extended = extend(&found);
	return eft_put_user(st, &extended);
}

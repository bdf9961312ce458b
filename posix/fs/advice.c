// SPDX-License-Identifier: BSD-3-Clause
/*
 * Advice about what is read or written next, and calls that begin or end
 * writing of a part.
 */
#include "core/move.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_sync);
eft_needs(eft_node_file_sync);

/* include/uapi/linux/fs.h */
enum { WAIT_BEFORE = 1, WRITE = 2, WAIT_AFTER = 4 };

static unsigned type_of(struct eft_file *file)
{
	struct eft_stat st;

	return file->ops->stat(file, &st) == 0 ? st.mode & S_IFMT : 0;
}

/* Reading is ahead as it is (core/mem/cache.c). mm/readahead.c */
long eft_sys_readahead(int fd, off_t offset, size_t count)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result = -EINVAL;
	unsigned type;

	if (file == NULL)
		return -EBADF;
	type = type_of(file);
	if ((file->flags & O_ACCMODE) == O_WRONLY)
		result = -EBADF;
	else if (type == S_IFREG || type == S_IFBLK)
		result = 0;
	eft_file_put(file);
	return result;
}

/* Who waits for a part to be written gets all data written. fs/sync.c */
static long sync_range(struct eft_file *file, unsigned flags)
{
	unsigned type = type_of(file);

	if (type != S_IFREG && type != S_IFBLK && type != S_IFDIR &&
	    type != S_IFLNK)
		return -ESPIPE;
	if (!(flags & (WAIT_BEFORE | WAIT_AFTER)) || type != S_IFREG ||
	    file->ops->sync == NULL)
		return 0;
	return file->ops->sync(file, true);
}

long eft_sys_sync_file_range(int fd, off_t offset, off_t len, unsigned flags)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result = -EINVAL;

	if (file == NULL)
		return -EBADF;
	if (!(flags & ~(unsigned)(WAIT_BEFORE | WRITE | WAIT_AFTER)) &&
	    offset >= 0 && len >= 0 && len <= INT64_MAX - offset)
		result = sync_range(file, flags);
	eft_file_put(file);
	return result;
}

/* Of the host's, or of all of ours: there are few. */
long eft_sys_syncfs(int fd)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	if (!eft_hostfile_syncfs(file, &result))
		result = eft_sys_sync();
	eft_file_put(file);
	return result;
}

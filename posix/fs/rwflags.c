// SPDX-License-Identifier: BSD-3-Clause
/*
 * preadv2(2) and pwritev2(2). What a flag asks for is done, or refused as by a
 * file system that does not know it.
 */
#include "core/file.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_sync);
eft_needs(eft_node_file_sync);

/* include/uapi/linux/fs.h */
enum {
	RWF_HIPRI = 1, /* poll for the end of direct I/O, which is not here */
	RWF_DSYNC = 2,
	RWF_SYNC = 4,
	RWF_NOAPPEND = 32,
};

static bool knows(const struct eft_file *file, int flags)
{
	if (flags & RWF_NOAPPEND && file->flags & O_APPEND)
		return false;
	return !(flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOAPPEND));
}

/* 0, or what Linux says before it looks at the buffers. */
static long check(int fd, off_t offset, int flags)
{
	struct eft_file *file;
	long result = 0;

	if (offset < EFT_AT_POSITION)
		return -EINVAL;
	file = eft_fd_get_opened(fd);
	if (file == NULL)
		return -EBADF;
	if (offset >= 0 && file->ops->seek == NULL)
		result = -ESPIPE;
	else if (!knows(file, flags))
		result = -EOPNOTSUPP;
	eft_file_put(file);
	return result;
}

long eft_sys_preadv2(int fd, const struct eft_iovec eft_user *iov, int count,
		     off_t offset, off_t high, int flags)
{
	long result = check(fd, offset, flags);

	if (result < 0)
		return result;
	if (offset == EFT_AT_POSITION)
		return eft_sys_readv(fd, iov, count);
	return eft_sys_preadv(fd, iov, count, offset, high);
}

static long sync(int fd, bool data_only)
{
	long result = data_only ? eft_sys_fdatasync(fd) : eft_sys_fsync(fd);

	return result == -EINVAL ? 0 : result; /* there is nothing to sync */
}

long eft_sys_pwritev2(int fd, const struct eft_iovec eft_user *iov, int count,
		      off_t offset, off_t high, int flags)
{
	long result = check(fd, offset, flags), error = 0;

	if (result < 0)
		return result;
	if (offset == EFT_AT_POSITION)
		result = eft_sys_writev(fd, iov, count);
	else
		result = eft_sys_pwritev(fd, iov, count, offset, high);
	if (result > 0 && flags & (RWF_DSYNC | RWF_SYNC))
		error = sync(fd, !(flags & RWF_SYNC));
	return error < 0 ? error : result;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "posix/fs/transfer.h"
#include "posix/syscalls.h"

long eft_sys_read(int fd, void eft_user *buf, size_t count)
{
	return eft_transfer_one(eft_file_read, fd, buf, count, EFT_AT_POSITION);
}

long eft_sys_pread64(int fd, void eft_user *buf, size_t count, off_t offset)
{
	if (offset < 0)
		return -EINVAL;
	return eft_transfer_one(eft_file_read, fd, buf, count, offset);
}

long eft_sys_readv(int fd, const struct eft_iovec eft_user *iov, int count)
{
	return eft_transfer_vector(eft_file_read, fd, iov, count,
				   EFT_AT_POSITION);
}

/* (high) is 0 on 64-bit machines: the offset is whole (Linux fs/read_write.c).
 */
long eft_sys_preadv(int fd, const struct eft_iovec eft_user *iov, int count,
		    off_t offset, off_t high)
{
	if (offset < 0)
		return -EINVAL;
	return eft_transfer_vector(eft_file_read, fd, iov, count, offset);
}

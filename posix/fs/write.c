// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "posix/fs/file_limit.h"
#include "posix/fs/transfer.h"
#include "posix/syscalls.h"

static eft_transfer *writer(void)
{
	return eft_file_write_limited != NULL ? eft_file_write_limited
					      : eft_file_write;
}

long eft_sys_write(int fd, const void eft_user *buf, size_t count)
{
	return eft_transfer_one(writer(), fd, (void eft_user *)buf, count,
				EFT_AT_POSITION);
}

long eft_sys_pwrite64(int fd, const void eft_user *buf, size_t count,
		      off_t offset)
{
	if (offset < 0)
		return -EINVAL;
	return eft_transfer_one(writer(), fd, (void eft_user *)buf, count,
				offset);
}

long eft_sys_writev(int fd, const struct eft_iovec eft_user *iov, int count)
{
	return eft_transfer_vector(writer(), fd, iov, count, EFT_AT_POSITION);
}

long eft_sys_pwritev(int fd, const struct eft_iovec eft_user *iov, int count,
		     off_t offset, off_t high)
{
	if (offset < 0)
		return -EINVAL;
	return eft_transfer_vector(writer(), fd, iov, count, offset);
}

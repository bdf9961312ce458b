// SPDX-License-Identifier: BSD-3-Clause
/*
 * What reading and writing have in common, and seeking.
 */
#include "core/file.h"
#include "posix/fs/transfer.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

/* Only images that have signals, or objects without a reader, need it. */
extern __typeof__(eft_broken_pipe) eft_broken_pipe eft_weak;

/* Linux cuts a transfer here (fs.h, MAX_RW_COUNT). */
#define TRANSFER_MAX ((size_t)INT32_MAX & ~EFT_PAGE_MASK)

static long transfer_one(eft_transfer *function, int fd, void eft_user *buf,
			 size_t count, off_t at)
{
	struct eft_iovec iov = {buf, eft_min(count, TRANSFER_MAX)};
	struct eft_file *file = eft_fd_borrow(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	result = function(file, &iov, 1, at);
	eft_fd_return(file);
	return result;
}

long eft_transfer_failed(long error)
{
	if (error == -EPIPE && eft_broken_pipe != NULL)
		eft_broken_pipe();
	return eft_restartable(error);
}

eft_no_stack_guard long eft_transfer_one(eft_transfer *function, int fd,
					 void eft_user *buf, size_t count,
					 off_t at)
{
	long result = transfer_one(function, fd, buf, count, at);

	return eft_likely(result >= 0) ? result : eft_transfer_failed(result);
}

long eft_sys_lseek(int fd, off_t offset, int whence)
{
	struct eft_file *file = eft_fd_borrow(fd);
	long result = -ESPIPE;

	if (file == NULL)
		return -EBADF;
	if (file->flags & O_PATH)
		result = -EBADF;
	else if (whence < SEEK_SET || whence > SEEK_HOLE)
		result = -EINVAL;
	else if (file->ops->seek != NULL)
		result = file->ops->seek(file, offset, whence);
	eft_fd_return(file);
	return result;
}

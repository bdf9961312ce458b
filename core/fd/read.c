// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading an open file description. Whoever reads wants to wait for input.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/tty/tty.h"

eft_needs(eft_hostfile_read);
eft_needs(eft_tty_read);

ssize_t eft_file_read(struct eft_file *file, const struct eft_iovec *iov,
		      int count, off_t at)
{
	int error = eft_file_check_transfer(file, O_WRONLY, at);

	if (error != 0)
		return error;
	if (file->ops->read == NULL)
		return file->fs != NULL ? -EISDIR : -EINVAL;
	return file->ops->read(file, iov, count, at);
}

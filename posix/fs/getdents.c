// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading directories.
 */
#include "core/file.h"
#include "posix/syscalls.h"

eft_needs(eft_dir_getdents);
eft_needs(eft_hostfile_sync);

long eft_sys_getdents64(int fd, void eft_user *buf, size_t size)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result = -ENOTDIR;

	if (file == NULL)
		return -EBADF;
	if (file->ops->getdents != NULL)
		result = file->ops->getdents(file, buf, size);
	eft_file_put(file);
	return result;
}

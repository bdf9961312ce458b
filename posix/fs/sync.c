// SPDX-License-Identifier: BSD-3-Clause
/*
 * Synchronisation with storage.
 */
#include "core/cache.h"
#include "core/file.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_sync);
eft_needs(eft_node_file_sync);

/* Only images with files that are not in memory have it. */
#pragma weak eft_page_cache_sync

static long sync_file(int fd, bool data_only)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result = -EINVAL;

	if (file == NULL)
		return -EBADF;
	if (file->ops->sync != NULL)
		result = file->ops->sync(file, data_only);
	eft_file_put(file);
	return result;
}

long eft_sys_fsync(int fd)
{
	return sync_file(fd, false);
}

long eft_sys_fdatasync(int fd)
{
	return sync_file(fd, true);
}

/* Others than cached files write through, or are memory. */
long eft_sys_sync(void)
{
	if (eft_page_cache_sync != NULL)
		eft_page_cache_sync();
	return 0;
}

/* Advice that changes nothing; POSIX_FADV_ values are 0 to 5. */
long eft_sys_fadvise64(int fd, off_t offset, size_t len, int advice)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result = 0;

	if (file == NULL)
		return -EBADF;
	if (file->ops->pipe_size != NULL)
		result = -ESPIPE;
	else if (advice < 0 || advice > 5 || (ssize_t)len < 0)
		result = -EINVAL;
	eft_file_put(file);
	return result;
}

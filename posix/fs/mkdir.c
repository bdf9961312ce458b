// SPDX-License-Identifier: BSD-3-Clause
/*
 * Making directories.
 */
#include "core/file.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_mkdir);
eft_needs(eft_vfs_mkdir);

long eft_sys_mkdirat(int dirfd, const char *path, unsigned mode)
{
	struct eft_at at;
	long result = eft_path_start(dirfd, path, false, &at);

	if (result < 0)
		return result;
	mode = mode & 01777 & ~eft_umask(-1);
	result = at.file->fs->mkdir(at.file, at.path, mode);
	eft_file_put(at.file);
	return result;
}

long eft_sys_mkdir(const char *path, unsigned mode)
{
	return eft_sys_mkdirat(AT_FDCWD, path, mode);
}

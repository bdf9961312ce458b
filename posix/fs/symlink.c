// SPDX-License-Identifier: BSD-3-Clause
/*
 * Making symbolic links.
 */
#include "core/file.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_mkdir);
eft_needs(eft_vfs_symlink);

long eft_sys_symlinkat(const char *target, int dirfd, const char *path)
{
	struct eft_at at;
	long result;

	if (*target == '\0')
		return -ENOENT;
	if (eft_strnlen(target, PATH_MAX) == PATH_MAX)
		return -ENAMETOOLONG;
	result = eft_path_start(dirfd, path, false, &at);
	if (result < 0)
		return result;
	result = at.file->fs->symlink(target, at.file, at.path);
	eft_file_put(at.file);
	return result;
}

long eft_sys_symlink(const char *target, const char *path)
{
	return eft_sys_symlinkat(target, AT_FDCWD, path);
}

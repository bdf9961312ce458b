// SPDX-License-Identifier: BSD-3-Clause
/*
 * Making symbolic links.
 */
#include "posix/fs/path.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfs_mkdir);
eft_needs(eft_vfs_symlink);

long eft_sys_symlinkat(const char eft_user *target, int dirfd,
		       const char eft_user *path)
{
	struct eft_user_string text;
	struct eft_user_at at;
	long result = eft_string_get(&text, target);

	if (result < 0)
		return result;
	if (*text.text == '\0')
		result = -ENOENT;
	else
		result = eft_user_path_start(dirfd, path, false, &at);
	if (result == 0) {
		result = at.file->fs->symlink(text.text, at.file, at.path);
		eft_user_path_end(&at);
	}
	eft_string_put(&text);
	return result;
}

long eft_sys_symlink(const char eft_user *target, const char eft_user *path)
{
	return eft_sys_symlinkat(target, AT_FDCWD, path);
}

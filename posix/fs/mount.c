// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mounting file systems. The caller has root's rights, as in a guest.
 */
#include "core/file.h"
#include "posix/syscalls.h"

eft_needs(eft_mount_option);

long eft_sys_mount(const char *source, const char *target, const char *type,
		   unsigned long flags, const void *data)
{
	struct eft_file *file;
	long result = eft_path_open(AT_FDCWD, target, O_PATH, 0, &file);

	if (result < 0)
		return result;
	result = eft_mount(file, source, type, flags, data);
	eft_file_put(file);
	return result;
}

long eft_sys_umount2(const char *target, int flags)
{
	int follow = flags & UMOUNT_NOFOLLOW ? O_NOFOLLOW : 0;
	struct eft_file *file;
	long result;

	if (flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW))
		return -EINVAL;
	result = eft_path_open(AT_FDCWD, target, O_PATH | follow, 0, &file);
	if (result < 0)
		return result;
	result = eft_umount(file, flags);
	eft_file_put(file);
	return result;
}

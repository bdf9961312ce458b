// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names for devices and FIFOs. Apart, for who does not make FIFOs has none.
 */
#include "posix/fs/path.h"
#include "posix/fs/transfer.h"
#include "posix/syscalls.h"

/* The tree makes FIFOs in an image that has them. */
eft_needs(eft_fifo_create);
eft_needs(eft_broken_pipe);

eft_needs(eft_hostfs_mkdir);
eft_needs(eft_vfs_mknod);

/* What can be made so: 0, -EPERM, -EINVAL. */
static int check_type(unsigned mode)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0;
	case S_IFDIR:
		return -EPERM;
	}
	return -EINVAL;
}

long eft_sys_mknodat(int dirfd, const char eft_user *path, unsigned mode,
		     uint64_t dev)
{
	struct eft_user_at at;
	long result = check_type(mode);

	if (result == 0)
		result = eft_user_path_start(dirfd, path, false, &at);
	if (result < 0)
		return result;
	mode &= ~eft_umask(-1);
	if ((mode & S_IFMT) != S_IFCHR && (mode & S_IFMT) != S_IFBLK)
		dev = 0;
	result = at.file->fs->mknod(at.file, at.path, mode, dev);
	eft_user_path_end(&at);
	return result;
}

long eft_sys_mknod(const char eft_user *path, unsigned mode, uint64_t dev)
{
	return eft_sys_mknodat(AT_FDCWD, path, mode, dev);
}

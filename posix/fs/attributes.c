// SPDX-License-Identifier: BSD-3-Clause
/*
 * Changing facts about files: mode, owner, times, size.
 */
#include "core/time.h"
#include "posix/fs/file_limit.h"
#include "posix/fs/path.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

eft_needs(eft_hostfile_sync);
eft_needs(eft_hostfs_chmod);
eft_needs(eft_node_file_sync);
eft_needs(eft_vfs_chmod);

enum { MODE_BITS = 07777 };

long eft_sys_fchmodat(int dirfd, const char eft_user *path, unsigned mode)
{
	struct eft_user_at at;
	long result = eft_user_path_start(dirfd, path, false, &at);

	if (result < 0)
		return result;
	result = at.file->fs->chmod(at.file, at.path, mode & MODE_BITS);
	eft_user_path_end(&at);
	return result;
}

long eft_sys_chmod(const char eft_user *path, unsigned mode)
{
	return eft_sys_fchmodat(AT_FDCWD, path, mode);
}

long eft_sys_fchownat(int dirfd, const char eft_user *path, unsigned uid,
		      unsigned gid, int flags)
{
	struct eft_user_at at;
	long result;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	result = eft_user_path_start(dirfd, path, flags & AT_EMPTY_PATH, &at);
	if (result < 0)
		return result;
	if (*at.path == '\0')
		result = at.file->ops->chown
				 ? at.file->ops->chown(at.file, uid, gid)
				 : -EPERM;
	else
		result = at.file->fs->chown(at.file, at.path, uid, gid, flags);
	eft_user_path_end(&at);
	return result;
}

long eft_sys_chown(const char eft_user *path, unsigned uid, unsigned gid)
{
	return eft_sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long eft_sys_lchown(const char eft_user *path, unsigned uid, unsigned gid)
{
	return eft_sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

/* (time), with UTIME_NOW replaced by (now). False: it is no time. */
static bool take_time(struct eft_timespec *time, const struct eft_timespec *now)
{
	if (time->nsec == UTIME_NOW)
		*time = *now;
	return time->nsec == UTIME_OMIT || (uint64_t)time->nsec < 1000000000;
}

static long set_times(struct eft_file *file, const struct eft_timespec times[2])
{
	return file->ops->set_times == NULL ? -EPERM
					    : file->ops->set_times(file, times);
}

static long set_times_of(int fd, const struct eft_timespec times[2])
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	result = set_times(file, times);
	eft_file_put(file);
	return result;
}

long eft_sys_utimensat(int dirfd, const char eft_user *path,
		       const struct eft_timespec eft_user *times, int flags)
{
	struct eft_timespec wanted[2] = {{.nsec = UTIME_NOW},
					 {.nsec = UTIME_NOW}};
	struct eft_timespec now;
	struct eft_user_at at;
	long result;

	if (times != NULL && eft_copy_in(wanted, times, sizeof(wanted)) != 0)
		return -EFAULT;
	if (wanted[0].nsec == UTIME_OMIT && wanted[1].nsec == UTIME_OMIT)
		return 0; /* before all checks */
	now = eft_time_to(eft_realtime_ns());
	if (!take_time(&wanted[0], &now) || !take_time(&wanted[1], &now) ||
	    flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (path == NULL && dirfd == AT_FDCWD)
		return -EFAULT;
	if (path == NULL)
		return flags ? -EINVAL : set_times_of(dirfd, wanted);
	result = eft_user_path_start(dirfd, path, flags & AT_EMPTY_PATH, &at);
	if (result < 0)
		return result;
	if (*at.path != '\0')
		result =
			at.file->fs->set_times(at.file, at.path, wanted, flags);
	else
		result = set_times(at.file, wanted);
	eft_user_path_end(&at);
	return result;
}

static long set_size_at(const struct eft_user_at *at, off_t size)
{
	const struct eft_fs_ops *fs = at->file->fs;
	struct eft_file *file;
	struct eft_stat st;
	long result = fs->stat(at->file, at->path, 0, &st);

	if (result < 0)
		return result;
	if ((st.mode & S_IFMT) == S_IFDIR)
		return -EISDIR;
	if ((st.mode & S_IFMT) != S_IFREG)
		return -EINVAL; /* to open a FIFO is to be a writer */
	result = fs->open(at->file, at->path, O_WRONLY | O_NONBLOCK, 0, &file);
	if (result < 0)
		return result;
	result = eft_file_may_grow((uint64_t)size);
	if (result == 0)
		result = file->ops->set_size ? file->ops->set_size(file, size)
					     : -EINVAL;
	eft_file_put(file);
	return result;
}

long eft_sys_truncate(const char eft_user *path, off_t size)
{
	struct eft_user_at at;
	long result;

	if (size < 0)
		return -EINVAL;
	result = eft_user_path_start(AT_FDCWD, path, false, &at);
	if (result < 0)
		return result;
	result = set_size_at(&at, size);
	eft_user_path_end(&at);
	return result;
}

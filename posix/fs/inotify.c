// SPDX-License-Identifier: BSD-3-Clause
/*
 * inotify(7): Linux fs/notify/inotify/inotify_user.c.
 */
#include "core/inotify.h"
#include "posix/fs/path.h"
#include "posix/syscalls.h"

eft_needs(eft_watch_ops);

#define KNOWN                                                            \
	(IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED |       \
	 IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_CREATE | \
	 IN_MASK_ADD | IN_ISDIR | IN_ONESHOT)

long eft_sys_inotify_init1(int flags)
{
	struct eft_file *file;
	int error;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	error = eft_inotify_create(flags, &file);
	if (error != 0)
		return error;
	return eft_fd_install(file, 0, flags & O_CLOEXEC);
}

long eft_sys_inotify_init(void)
{
	return eft_sys_inotify_init1(0);
}

static long add(struct eft_file *file, const char eft_user *path, uint32_t mask)
{
	struct eft_user_at at;
	long result;

	if (mask & IN_MASK_ADD && mask & IN_MASK_CREATE)
		return -EINVAL;
	if (!eft_is_inotify(file))
		return -EINVAL;
	result = eft_user_path_start(AT_FDCWD, path, false, &at);
	if (result < 0)
		return result;
	result = eft_inotify_add(file, &at.at, mask);
	eft_user_path_end(&at);
	return result;
}

long eft_sys_inotify_add_watch(int fd, const char eft_user *path, uint32_t mask)
{
	struct eft_file *file;
	long result;

	if (mask == 0 || mask & ~(uint32_t)KNOWN)
		return -EINVAL;
	file = eft_fd_get_opened(fd);
	if (file == NULL)
		return -EBADF;
	result = add(file, path, mask);
	eft_file_put(file);
	return result;
}

long eft_sys_inotify_rm_watch(int fd, int wd)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	result = eft_inotify_remove(file, wd);
	eft_file_put(file);
	return result;
}

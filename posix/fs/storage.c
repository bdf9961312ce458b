// SPDX-License-Identifier: BSD-3-Clause
/*
 * Changing what lasts of a file, by its descriptor.
 */
#include "core/file.h"
#include "posix/fs/file_limit.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_sync);
eft_needs(eft_node_file_sync);
eft_needs(eft_regular_allocate);

enum { MODE_BITS = 07777 };

long eft_sys_fchmod(int fd, unsigned mode)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result = -EPERM;

	if (file == NULL)
		return -EBADF;
	if (file->ops->chmod != NULL)
		result = file->ops->chmod(file, mode & MODE_BITS);
	eft_file_put(file);
	return result;
}

long eft_sys_fchown(int fd, unsigned uid, unsigned gid)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	result = file->ops->chown ? file->ops->chown(file, uid, gid) : -EPERM;
	eft_file_put(file);
	return result;
}

static bool can_write(const struct eft_file *file)
{
	int mode = file->flags & O_ACCMODE;

	return mode == O_WRONLY || mode == O_RDWR;
}

static bool is_pipe(struct eft_file *file)
{
	struct eft_stat st;

	return file->ops->stat(file, &st) == 0 && (st.mode & S_IFMT) == S_IFIFO;
}

long eft_sys_ftruncate(int fd, off_t size)
{
	struct eft_file *file;
	long result = -EINVAL;

	if (size < 0)
		return -EINVAL;
	file = eft_fd_get_opened(fd);
	if (file == NULL)
		return -EBADF;
	if (can_write(file) && file->ops->set_size != NULL)
		result = eft_file_may_grow((uint64_t)size);
	if (result == 0)
		result = file->ops->set_size(file, size);
	eft_file_put(file);
	return result;
}

/* One way at most, and a hole never changes the size (fs/open.c). */
static bool is_allocate_mode(int mode)
{
	int way = mode & ~FALLOC_FL_KEEP_SIZE;

	switch (way) {
	case 0:
	case FALLOC_FL_ZERO_RANGE:
	case FALLOC_FL_UNSHARE_RANGE:
		return true;
	case FALLOC_FL_PUNCH_HOLE:
		return way != mode;
	case FALLOC_FL_COLLAPSE_RANGE:
	case FALLOC_FL_INSERT_RANGE:
		return way == mode;
	}
	return false;
}

long eft_sys_fallocate(int fd, int mode, off_t offset, off_t len)
{
	struct eft_file *file = eft_fd_get_opened(fd);
	long result = -ENODEV;

	if (file == NULL)
		return -EBADF;
	if (offset < 0 || len <= 0)
		result = -EINVAL;
	else if (!is_allocate_mode(mode))
		result = -EOPNOTSUPP;
	else if (!can_write(file))
		result = -EBADF;
	else if (is_pipe(file))
		result = -ESPIPE;
	else if (file->ops->allocate != NULL && offset > INT64_MAX - len)
		result = -EFBIG;
	else if (file->ops->allocate != NULL)
		result = eft_file_may_grow((uint64_t)(offset + len));
	if (result == 0)
		result = file->ops->allocate(file, mode, offset, len);
	eft_file_put(file);
	return result;
}

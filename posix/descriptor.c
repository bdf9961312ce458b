// SPDX-License-Identifier: BSD-3-Clause
/*
 * What takes a descriptor and no path. Kept apart from the calls on paths, so
 * that an image without any has no file system (see core/boot.c).
 */
#include "core/file.h"
#include "posix/file_limit.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_sync);
eft_needs(eft_tty_stat);

enum { MODE_BITS = 07777 };

long eft_sys_dup(int fd)
{
	struct eft_file *file = eft_fd_get(fd);

	return file ? eft_fd_install(file, 0, false) : -EBADF;
}

long eft_sys_dup3(int fd, int to, int flags)
{
	struct eft_file *file;

	if (fd == to || flags & ~O_CLOEXEC)
		return -EINVAL;
	file = eft_fd_get(fd);
	return file ? eft_fd_replace(to, file, flags & O_CLOEXEC) : -EBADF;
}

long eft_sys_dup2(int fd, int to)
{
	struct eft_file *file;

	if (fd != to)
		return eft_sys_dup3(fd, to, 0);
	file = eft_fd_get(fd);
	eft_file_put(file);
	return file ? to : -EBADF;
}

long eft_sys_getdents64(int fd, void *buf, size_t size)
{
	struct eft_file *file = eft_fd_get(fd);
	long result = -ENOTDIR;

	if (file == NULL)
		return -EBADF;
	if (file->flags & O_PATH)
		result = -EBADF;
	else if (file->ops->getdents != NULL)
		result = file->ops->getdents(file, buf, size);
	eft_file_put(file);
	return result;
}

long eft_sys_fstat(int fd, struct eft_stat *st)
{
	struct eft_file *file = eft_fd_get(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	result = file->ops->stat(file, st);
	eft_file_put(file);
	return result;
}

/* What Linux tells of a thing without a file system (fs/libfs.c). */
static long stat_nowhere(struct eft_file *file, struct eft_statfs *ret_statfs)
{
	enum { PIPEFS = 0x50495045, SOCKFS = 0x534f434b, ANON = 0x09041934 };
	struct eft_stat st;
	long result = file->ops->stat(file, &st);
	uint64_t type = ANON;

	if (result < 0)
		return result;
	if ((st.mode & S_IFMT) == S_IFIFO)
		type = PIPEFS;
	else if ((st.mode & S_IFMT) == S_IFSOCK)
		type = SOCKFS;
	*ret_statfs = (struct eft_statfs){.type = type,
					  .bsize = EFT_PAGE_SIZE,
					  .frsize = EFT_PAGE_SIZE,
					  .namelen = NAME_MAX};
	return 0;
}

long eft_sys_fstatfs(int fd, struct eft_statfs *st)
{
	struct eft_file *file = eft_fd_get(fd);
	long result;

	if (file == NULL)
		return -EBADF;
	result = file->ops->statfs != NULL ? file->ops->statfs(file, st)
					   : stat_nowhere(file, st);
	eft_file_put(file);
	return result;
}

/* The description at (fd), fit to be changed; NULL: -EBADF. */
static struct eft_file *get_changeable(int fd)
{
	struct eft_file *file = eft_fd_get(fd);

	if (file != NULL && file->flags & O_PATH) {
		eft_file_put(file);
		return NULL;
	}
	return file;
}

long eft_sys_fchmod(int fd, unsigned mode)
{
	struct eft_file *file = get_changeable(fd);
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
	struct eft_file *file = get_changeable(fd);
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
	file = eft_fd_get(fd);
	if (file == NULL)
		return -EBADF;
	if (file->flags & O_PATH)
		result = -EBADF;
	else if (can_write(file) && file->ops->set_size != NULL)
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
	struct eft_file *file = eft_fd_get(fd);
	long result = -ENODEV;

	if (file == NULL)
		return -EBADF;
	if (file->flags & O_PATH)
		result = -EBADF;
	else if (offset < 0 || len <= 0)
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

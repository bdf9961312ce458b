// SPDX-License-Identifier: BSD-3-Clause
/*
 * Facts about file systems.
 */
#include "posix/fs/path.h"
#include "posix/syscalls.h"

eft_needs(eft_hostfile_sync);
eft_needs(eft_node_file_sync);

long eft_sys_statfs(const char eft_user *path, struct eft_statfs eft_user *st)
{
	struct eft_statfs found;
	struct eft_file *file;
	long result = eft_user_path_open(AT_FDCWD, path, O_PATH, 0, &file);

	if (result < 0)
		return result;
	result = file->ops->statfs ? file->ops->statfs(file, &found) : -ENOSYS;
	eft_file_put(file);
	return result == 0 ? eft_put_user(st, &found) : result;
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

long eft_sys_fstatfs(int fd, struct eft_statfs eft_user *st)
{
	struct eft_file *file = eft_fd_get(fd);
	struct eft_statfs found;
	long result;

	if (file == NULL)
		return -EBADF;
	result = file->ops->statfs != NULL ? file->ops->statfs(file, &found)
					   : stat_nowhere(file, &found);
	eft_file_put(file);
	return result == 0 ? eft_put_user(st, &found) : result;
}

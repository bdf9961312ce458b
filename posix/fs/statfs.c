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

/* Linux include/uapi/linux/magic.h: where a thing is that has no path. */
static uint64_t type_of(unsigned mode)
{
	enum { PIPEFS = 0x50495045, SOCKFS = 0x534f434b, ANON = 0x09041934 };
	enum { TMPFS = 0x01021994 };

	switch (mode & S_IFMT) {
	case S_IFIFO:
		return PIPEFS;
	case S_IFSOCK:
		return SOCKFS;
	case S_IFCHR: /* the console, of /dev */
		return TMPFS;
	}
	return ANON;
}

/* What Linux tells of a thing without a file system (fs/libfs.c). */
static long stat_nowhere(struct eft_file *file, struct eft_statfs *ret_statfs)
{
	enum { ST_VALID = 0x20 };
	struct eft_stat st;
	long result = file->ops->stat(file, &st);

	if (result < 0)
		return result;
	*ret_statfs = (struct eft_statfs){.type = type_of(st.mode),
					  .bsize = EFT_PAGE_SIZE,
					  .frsize = EFT_PAGE_SIZE,
					  .fsid = {(int32_t)st.dev},
					  .namelen = NAME_MAX,
					  .flags = ST_VALID};
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

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations of the host's files that ask.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/vfs/root.h"

static const struct eft_host_paths *host(void)
{
	return eft_plat_host_paths();
}

int eft_hostfs_stat(struct eft_file *at, const char *path, int flags,
		    struct eft_stat *ret_stat)
{
	struct eft_file *own = eft_hostfs_own_at_end(at, path, flags);
	int error;

	if (own == NULL)
		return host()->stat(eft_hostfile_handle(at),
				    eft_hostfs_name(path), flags, ret_stat);
	error = own->ops->stat(own, ret_stat);
	eft_file_put(own);
	return error;
}

int eft_hostfs_access(struct eft_file *at, const char *path, int mode,
		      int flags)
{
	struct eft_file *own = eft_hostfs_own_at_end(at, path, flags);

	if (own == NULL)
		return host()->access(eft_hostfile_handle(at),
				      eft_hostfs_name(path), mode, flags);
	eft_file_put(own); /* it is the program's already */
	return 0;
}

ssize_t eft_hostfs_readlink(struct eft_file *at, const char *path, char *buf,
			    size_t size)
{
	return host()->readlink(eft_hostfile_handle(at), eft_hostfs_name(path),
				buf, size);
}

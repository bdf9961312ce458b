// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations of the host's files that change mode, owner and times.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/vfs/root.h"

static const struct eft_host_names *host(void)
{
	return eft_plat_host_names();
}

int eft_hostfs_chmod(struct eft_file *at, const char *path, unsigned mode)
{
	struct eft_file *own = eft_hostfs_own_at_end(at, path, 0);
	int error = -EPERM;

	if (own == NULL)
		return host()->chmod(eft_hostfile_handle(at),
				     eft_hostfs_name(path), mode);
	if (own->ops->chmod != NULL)
		error = own->ops->chmod(own, mode);
	eft_file_put(own);
	return error;
}

int eft_hostfs_chown(struct eft_file *at, const char *path, unsigned uid,
		     unsigned gid, int flags)
{
	struct eft_file *own = eft_hostfs_own_at_end(at, path, flags);
	int error = -EPERM;

	if (own == NULL)
		return host()->chown(eft_hostfile_handle(at),
				     eft_hostfs_name(path), uid, gid, flags);
	if (own->ops->chown != NULL)
		error = own->ops->chown(own, uid, gid);
	eft_file_put(own);
	return error;
}

int eft_hostfs_set_times(struct eft_file *at, const char *path,
			 const struct eft_timespec times[2], int flags)
{
	struct eft_file *own = eft_hostfs_own_at_end(at, path, flags);
	int error = -EPERM;

	if (own == NULL)
		return host()->set_times(eft_hostfile_handle(at),
					 eft_hostfs_name(path), times, flags);
	if (own->ops->set_times != NULL)
		error = own->ops->set_times(own, times);
	eft_file_put(own);
	return error;
}

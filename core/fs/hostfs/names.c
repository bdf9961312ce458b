// SPDX-License-Identifier: BSD-3-Clause
/*
 * Path operations of the host's files that make and move names.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/lib.h"
#include "core/vfs/root.h"

static const struct eft_host_names *host(void)
{
	return eft_plat_host_names();
}

int eft_hostfs_mkdir(struct eft_file *at, const char *path, unsigned mode)
{
	return host()->mkdir(eft_hostfile_handle(at), eft_hostfs_name(path),
			     mode);
}

int eft_hostfs_mknod(struct eft_file *at, const char *path, unsigned mode,
		     uint64_t dev)
{
	return host()->mknod(eft_hostfile_handle(at), eft_hostfs_name(path),
			     mode, dev);
}

int eft_hostfs_unlink(struct eft_file *at, const char *path, int flags)
{
	return host()->unlink(eft_hostfile_handle(at), eft_hostfs_name(path),
			      flags);
}

int eft_hostfs_rename(struct eft_file *from, const char *path,
		      struct eft_file *to, const char *to_path, unsigned flags)
{
	if (to->fs != &eft_hostfs)
		return -EXDEV;
	return host()->rename(eft_hostfile_handle(from), eft_hostfs_name(path),
			      eft_hostfile_handle(to), eft_hostfs_name(to_path),
			      flags);
}

/* What is open may have no name, or another one by now. */
static int link_opened(struct eft_file *from, struct eft_file *to,
		       const char *to_path)
{
	char link[32];

	eft_snprintf(link, sizeof(link), "/proc/self/fd/%d",
		     eft_hostfile_handle(from));
	return host()->link(EFT_HOST_CWD, link, eft_hostfile_handle(to),
			    eft_hostfs_name(to_path), AT_SYMLINK_FOLLOW);
}

int eft_hostfs_link(struct eft_file *from, const char *path,
		    struct eft_file *to, const char *to_path, int flags)
{
	if (from->fs != &eft_hostfs || to->fs != &eft_hostfs)
		return -EXDEV;
	if (*path == '\0' && !(flags & AT_EMPTY_PATH))
		return link_opened(from, to, to_path);
	return host()->link(eft_hostfile_handle(from), eft_hostfs_name(path),
			    eft_hostfile_handle(to), eft_hostfs_name(to_path),
			    flags);
}

int eft_hostfs_symlink(const char *target, struct eft_file *at,
		       const char *path)
{
	return host()->symlink(target, eft_hostfile_handle(at),
			       eft_hostfs_name(path));
}

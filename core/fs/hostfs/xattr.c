// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes of the host's files: the host's own calls. These know no
 * directory to start from, nor handles that only name a file: such a file is
 * reached by the host's /proc.
 */
#include "core/dev/host.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/lib.h"
#include "core/vfs/root.h"

static const struct eft_host_xattrs *host(void)
{
	return eft_plat_host_xattrs();
}

ssize_t eft_hosthandle_xattr(int handle, const struct eft_xattr_call *call)
{
	char link[32];

	eft_snprintf(link, sizeof(link), "/proc/self/fd/%d", handle);
	return host()->by_path(link, true, call);
}

ssize_t eft_hostfile_xattr(struct eft_file *file,
			   const struct eft_xattr_call *call)
{
	int handle = eft_hostfile_handle(file);

	if (handle == EFT_HOST_CWD)
		return host()->by_path(".", true, call);
	return file->flags & O_PATH ? eft_hosthandle_xattr(handle, call)
				    : host()->by_handle(handle, call);
}

ssize_t eft_hostfs_xattr(struct eft_file *at, const char *path, bool follow,
			 const struct eft_xattr_call *call)
{
	int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
	struct eft_file *own = eft_hostfs_own_at_end(at, path, flags);
	int handle = eft_hostfile_handle(at);
	ssize_t result;

	if (own != NULL) {
		result = eft_xattr(own, call);
		eft_file_put(own);
		return result;
	}
	if (handle == EFT_HOST_CWD)
		return host()->by_path(eft_hostfs_name(path), follow, call);
	handle = eft_plat_host_paths()->open(handle, eft_hostfs_name(path),
					     O_PATH | (follow ? 0 : O_NOFOLLOW),
					     0);
	if (handle < 0)
		return handle;
	result = eft_hosthandle_xattr(handle, call);
	eft_plat_host_files()->close(handle);
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's files as a file system: a directory description gives its handle,
 * the path goes to the host as it is.
 *
 * With root=/DIR absolute paths are taken from DIR's handle, by leaving out
 * their slashes. That is a convenience, not a prison: `..` at DIR leads out of
 * it, and a symbolic link with an absolute target leads to the host's root.
 *
 * Every description opened here carries these path operations, whether it is
 * a directory or not: to know, the host would have to be asked at each open,
 * while it says ENOTDIR by itself when one is used as a directory.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/fs/procfs/proc.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/vfs/components.h"
#include "core/vfs/root.h"

/* Only programs that make threads have it. */
#pragma weak eft_hostfile_open

/* What not every image has: the calls name them (see eft_needs). */
#pragma weak eft_hostfs_stat
#pragma weak eft_hostfs_access
#pragma weak eft_hostfs_readlink
#pragma weak eft_hostfs_mkdir
#pragma weak eft_hostfs_mknod
#pragma weak eft_hostfs_unlink
#pragma weak eft_hostfs_rename
#pragma weak eft_hostfs_link
#pragma weak eft_hostfs_symlink
#pragma weak eft_hostfs_chmod
#pragma weak eft_hostfs_chown
#pragma weak eft_hostfs_set_times

/* The path of root=/DIR, which is left out of the paths that we show. */
static char *root_path;
static size_t root_path_len; /* 0: the host's own root */

static const struct eft_host_paths *host(void)
{
	return eft_plat_host_paths();
}

static int handle_of(struct eft_file *file)
{
	eft_assert(file->fs == &eft_hostfs);
	return eft_hostfile_handle(file);
}

const char *eft_hostfs_name(const char *path)
{
	if (root_path_len == 0 || *path != '/')
		return path;
	path = eft_skip_slashes(path);
	return *path != '\0' ? path : ".";
}

/* (named): links that are not for the host to follow are -ELOOP. */
static int open_handle(int at, const char *path, int flags, unsigned mode,
		       bool named)
{
	int handle;

	if (eft_hostfile_open != NULL &&
	    eft_hostfile_open(at, path, flags, mode, named, &handle))
		return handle;
	return (named ? host()->open_named : host()->open)(at, path, flags,
							   mode);
}

static int hostfs_open(struct eft_file *at, const char *path, int flags,
		       unsigned mode, struct eft_file **ret_file)
{
	int handle = open_handle(handle_of(at), eft_hostfs_name(path), flags,
				 mode, true);
	struct eft_file *own = NULL;
	bool surely =
		handle == -ELOOP || (handle >= 0 && host()->is_proc(handle));

	if (!(flags & O_NOFOLLOW))
		own = eft_hostself_find(at, eft_hostfs_name(path), surely);
	if (own != NULL) {
		if (handle >= 0)
			eft_plat_host_files()->close(handle);
		return eft_proc_reopen(own, flags, ret_file);
	}
	if (handle == -ELOOP)
		handle = host()->open(handle_of(at), eft_hostfs_name(path),
				      flags, mode);
	if (handle < 0)
		return handle;
	return eft_hostfile_create(handle, flags, &eft_hostfs, ret_file);
}

struct eft_file *eft_hostfs_own_at_end(struct eft_file *at, const char *path,
				       int flags)
{
	if (flags & AT_SYMLINK_NOFOLLOW)
		return NULL;
	return eft_hostself_find(at, eft_hostfs_name(path), false);
}

const struct eft_fs_ops eft_hostfs = {
	.open = hostfs_open,
	.stat = eft_hostfs_stat,
	.access = eft_hostfs_access,
	.mkdir = eft_hostfs_mkdir,
	.mknod = eft_hostfs_mknod,
	.unlink = eft_hostfs_unlink,
	.rename = eft_hostfs_rename,
	.link = eft_hostfs_link,
	.symlink = eft_hostfs_symlink,
	.readlink = eft_hostfs_readlink,
	.chmod = eft_hostfs_chmod,
	.chown = eft_hostfs_chown,
	.set_times = eft_hostfs_set_times,
};

static void name_handle(char *buf, size_t size, int handle)
{
	eft_snprintf(buf, size, "/proc/self/fd/%d", handle);
}

/* The path of (handle) on the host, without a NUL. */
static ssize_t path_on_host(int handle, char *buf, size_t size)
{
	char link[32];
	ssize_t len;

	/* The host may have no /proc. */
	if (handle == EFT_HOST_CWD) {
		len = host()->getcwd(buf, size);
		return len > 0 ? len - 1 : len;
	}
	name_handle(link, sizeof(link), handle);
	return host()->readlink(EFT_HOST_CWD, link, buf, size);
}

ssize_t eft_hostfs_path(int handle, char *buf, size_t size)
{
	ssize_t len = path_on_host(handle, buf, size);
	size_t cut = root_path_len;

	if (cut == 0 || len < (ssize_t)cut || memcmp(buf, root_path, cut) != 0)
		return len;
	if (len == (ssize_t)cut)
		cut--; /* the root itself: leave a slash */
	else if (buf[cut] != '/')
		return len;
	buf[0] = '/';
	memmove(buf + 1, buf + cut + 1, (size_t)len - cut - 1);
	return len - (ssize_t)cut;
}

int eft_hostfs_reopen(struct eft_file *file, int flags,
		      struct eft_file **ret_file)
{
	char link[32] = ".";
	int handle = handle_of(file);

	if (handle != EFT_HOST_CWD)
		name_handle(link, sizeof(link), handle);
	handle = open_handle(EFT_HOST_CWD, link, flags & ~O_NOFOLLOW, 0, false);
	if (handle < 0)
		return handle;
	return eft_hostfile_create(handle, flags, &eft_hostfs, ret_file);
}

/* Remember the real path of root=/DIR. */
static int remember_root(int handle)
{
	ssize_t len;

	root_path = eft_alloc(PATH_MAX);
	if (root_path == NULL)
		return -ENOMEM;
	len = path_on_host(handle, root_path, PATH_MAX);
	if (len < 0)
		return (int)len;
	root_path_len = len == 1 ? 0 : (size_t)len; /* "/" */
	return 0;
}

int eft_hostfs_open_root(const char *path, struct eft_file **ret_file)
{
	int flags = O_PATH | O_DIRECTORY, handle = EFT_HOST_CWD, error = 0;

	if (path != NULL) {
		handle = host()->open(EFT_HOST_CWD, path, flags, 0);
		error = handle < 0 ? handle : remember_root(handle);
	}
	if (error != 0)
		return error;
	return eft_hostfile_create(handle, flags, &eft_hostfs, ret_file);
}

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

/* Of root=/DIR, whose path is left out of those that we show. */
static int root_handle = EFT_HOST_CWD;

enum { LINK_BYTES = 32 };

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
	if (root_handle == EFT_HOST_CWD || *path != '/')
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

/* The name of a link of the host's to what (handle) is. */
static void name_handle(int handle, char buf[LINK_BYTES])
{
	eft_snprintf(buf, LINK_BYTES, "/proc/self/fd/%d", handle);
}

/* The path of (handle) on the host, without a NUL. */
static ssize_t path_on_host(int handle, char *buf, size_t size)
{
	char link[LINK_BYTES];
	ssize_t len;

	/* The host may have no /proc. */
	if (handle == EFT_HOST_CWD) {
		len = host()->getcwd(buf, size);
		return len > 0 ? len - 1 : len;
	}
	name_handle(handle, link);
	return host()->readlink(EFT_HOST_CWD, link, buf, size);
}

/* Leave the root's path out of (buf); returns the new length. */
static ssize_t leave_out_root(char *buf, size_t len)
{
	char *root = eft_alloc(PATH_MAX);
	ssize_t cut = -ENOMEM;

	if (root != NULL)
		cut = path_on_host(root_handle, root, PATH_MAX);
	if (cut > 1 && len >= (size_t)cut &&
	    memcmp(buf, root, (size_t)cut) == 0 &&
	    (len == (size_t)cut || buf[cut] == '/')) {
		len -= (size_t)cut;
		memmove(buf, buf + cut, len);
		buf[0] = '/'; /* that is left of the root itself */
		len = eft_max(len, 1);
	}
	eft_free(root);
	return cut < 0 ? cut : (ssize_t)len;
}

ssize_t eft_hostfs_path(int handle, char *buf, size_t size)
{
	ssize_t len = path_on_host(handle, buf, size);

	if (len < 0 || root_handle == EFT_HOST_CWD)
		return len;
	return leave_out_root(buf, (size_t)len);
}

int eft_hostfs_reopen(struct eft_file *file, int flags,
		      struct eft_file **ret_file)
{
	char link[LINK_BYTES] = ".";
	int handle = handle_of(file);

	if (handle != EFT_HOST_CWD)
		name_handle(handle, link);
	handle = open_handle(EFT_HOST_CWD, link, flags & ~O_NOFOLLOW, 0, false);
	if (handle < 0)
		return handle;
	return eft_hostfile_create(handle, flags, &eft_hostfs, ret_file);
}

int eft_hostfs_open_root(const char *path, struct eft_file **ret_file)
{
	int flags = O_PATH | O_DIRECTORY, handle = EFT_HOST_CWD;

	if (path != NULL) {
		handle = host()->open(EFT_HOST_CWD, path, flags, 0);
		if (handle < 0)
			return handle;
		root_handle = handle;
	}
	return eft_hostfile_create(handle, flags, &eft_hostfs, ret_file);
}

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
#include "core/file/hostfile.h"
#include "core/file/proc.h"
#include "core/file/root.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/mem.h"

/* Only programs that make threads have it. */
#pragma weak eft_hostfile_call

eft_needs(eft_hostfile_sync);

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

/* The path that the host gets for (path). */
static const char *host_path(const char *path)
{
	if (root_path_len == 0 || *path != '/')
		return path;
	while (*path == '/')
		path++;
	return *path != '\0' ? path : ".";
}

/* Who opens a FIFO waits for its other end, unless they say otherwise. */
static bool waits(int at, const char *path, int flags)
{
	const int never = O_NONBLOCK | O_PATH | O_DIRECTORY;
	struct eft_stat st;

	return !(flags & never) && (flags & O_ACCMODE) != O_RDWR &&
	       (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL) &&
	       host()->stat(at, path, 0, &st) == 0 &&
	       (st.mode & S_IFMT) == S_IFIFO;
}

/* By a helper, if one can be had: false. */
static bool open_waiting(int at, const char *path, int flags, unsigned mode,
			 long *ret_handle)
{
	const long args[6] = {at, (long)path, flags | O_CLOEXEC, mode};

	return eft_hostfile_call(EFT_HOST_OPEN, args, EFT_FOREVER, true,
				 ret_handle);
}

static int open_named(int at, const char *path, int flags, unsigned mode)
{
	long handle;

	if (eft_hostfile_call == NULL || !waits(at, path, flags))
		return host()->open_named(at, path, flags, mode);
	/* Does it lead through a link that is not for the host to follow? */
	handle = host()->open_named(at, path, O_PATH | (flags & O_NOFOLLOW), 0);
	if (handle < 0)
		return (int)handle;
	eft_plat_host_files()->close((int)handle);
	if (!open_waiting(at, path, flags, mode, &handle))
		return host()->open_named(at, path, flags, mode);
	return (int)handle;
}

static int open_link(const char *link, int flags)
{
	long handle;

	if (eft_hostfile_call == NULL || !waits(EFT_HOST_CWD, link, flags) ||
	    !open_waiting(EFT_HOST_CWD, link, flags, 0, &handle))
		handle = host()->open(EFT_HOST_CWD, link, flags, 0);
	return (int)handle;
}

static int hostfs_open(struct eft_file *at, const char *path, int flags,
		       unsigned mode, struct eft_file **ret_file)
{
	int handle = open_named(handle_of(at), host_path(path), flags, mode);
	struct eft_file *own = NULL;
	bool surely = handle == -ELOOP ||
		      (handle >= 0 && eft_hostself_is_proc(handle));

	if (!(flags & O_NOFOLLOW))
		own = eft_hostself_find(at, host_path(path), surely);
	if (own != NULL) {
		if (handle >= 0)
			eft_plat_host_files()->close(handle);
		return eft_proc_reopen(own, flags, ret_file);
	}
	if (handle == -ELOOP)
		handle = host()->open(handle_of(at), host_path(path), flags,
				      mode);
	if (handle < 0)
		return handle;
	return eft_hostfile_create(handle, flags, &eft_hostfs, ret_file);
}

/*
 * What of the program's own /proc/self the link leads to at the end of (path),
 * if it is one that is followed by (flags); or NULL.
 */
static struct eft_file *own_at_end(struct eft_file *at, const char *path,
				   int flags)
{
	if (flags & AT_SYMLINK_NOFOLLOW)
		return NULL;
	return eft_hostself_find(at, host_path(path), false);
}

static int hostfs_stat(struct eft_file *at, const char *path, int flags,
		       struct eft_stat *ret_stat)
{
	struct eft_file *own = own_at_end(at, path, flags);
	int error;

	if (own == NULL)
		return host()->stat(handle_of(at), host_path(path), flags,
				    ret_stat);
	error = own->ops->stat(own, ret_stat);
	eft_file_put(own);
	return error;
}

static int hostfs_access(struct eft_file *at, const char *path, int mode,
			 int flags)
{
	struct eft_file *own = own_at_end(at, path, flags);

	if (own == NULL)
		return host()->access(handle_of(at), host_path(path), mode,
				      flags);
	eft_file_put(own); /* it is the program's already */
	return 0;
}

static int hostfs_mkdir(struct eft_file *at, const char *path, unsigned mode)
{
	return host()->mkdir(handle_of(at), host_path(path), mode);
}

static int hostfs_mknod(struct eft_file *at, const char *path, unsigned mode,
			uint64_t dev)
{
	return host()->mknod(handle_of(at), host_path(path), mode, dev);
}

static int hostfs_unlink(struct eft_file *at, const char *path, int flags)
{
	return host()->unlink(handle_of(at), host_path(path), flags);
}

static int hostfs_rename(struct eft_file *from, const char *path,
			 struct eft_file *to, const char *to_path,
			 unsigned flags)
{
	if (to->fs != &eft_hostfs)
		return -EXDEV;
	return host()->rename(handle_of(from), host_path(path), handle_of(to),
			      host_path(to_path), flags);
}

static int hostfs_link(struct eft_file *from, const char *path,
		       struct eft_file *to, const char *to_path, int flags)
{
	if (from->fs != &eft_hostfs || to->fs != &eft_hostfs)
		return -EXDEV;
	return host()->link(handle_of(from), host_path(path), handle_of(to),
			    host_path(to_path), flags);
}

static int hostfs_symlink(const char *target, struct eft_file *at,
			  const char *path)
{
	return host()->symlink(target, handle_of(at), host_path(path));
}

static ssize_t hostfs_readlink(struct eft_file *at, const char *path, char *buf,
			       size_t size)
{
	return host()->readlink(handle_of(at), host_path(path), buf, size);
}

static int hostfs_chmod(struct eft_file *at, const char *path, unsigned mode)
{
	struct eft_file *own = own_at_end(at, path, 0);
	int error = -EPERM;

	if (own == NULL)
		return host()->chmod(handle_of(at), host_path(path), mode);
	if (own->ops->chmod != NULL)
		error = own->ops->chmod(own, mode);
	eft_file_put(own);
	return error;
}

static int hostfs_chown(struct eft_file *at, const char *path, unsigned uid,
			unsigned gid, int flags)
{
	struct eft_file *own = own_at_end(at, path, flags);
	int error = -EPERM;

	if (own == NULL)
		return host()->chown(handle_of(at), host_path(path), uid, gid,
				     flags);
	if (own->ops->chown != NULL)
		error = own->ops->chown(own, uid, gid);
	eft_file_put(own);
	return error;
}

static int hostfs_set_times(struct eft_file *at, const char *path,
			    const struct eft_timespec times[2], int flags)
{
	struct eft_file *own = own_at_end(at, path, flags);
	int error = -EPERM;

	if (own == NULL)
		return host()->set_times(handle_of(at), host_path(path), times,
					 flags);
	if (own->ops->set_times != NULL)
		error = own->ops->set_times(own, times);
	eft_file_put(own);
	return error;
}

const struct eft_fs_ops eft_hostfs = {
	.open = hostfs_open,
	.stat = hostfs_stat,
	.access = hostfs_access,
	.mkdir = hostfs_mkdir,
	.mknod = hostfs_mknod,
	.unlink = hostfs_unlink,
	.rename = hostfs_rename,
	.link = hostfs_link,
	.symlink = hostfs_symlink,
	.readlink = hostfs_readlink,
	.chmod = hostfs_chmod,
	.chown = hostfs_chown,
	.set_times = hostfs_set_times,
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
	handle = open_link(link, flags & ~O_NOFOLLOW);
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

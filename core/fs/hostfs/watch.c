// SPDX-License-Identifier: BSD-3-Clause
/*
 * inotify(7) of the host's files: the host's own, a stream of its.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/inotify.h"
#include "core/lib.h"
#include "core/vfs/root.h"

static const struct eft_host_watching *host(void)
{
	return eft_plat_host_watching();
}

int eft_hostfile_create_inotify(int flags, struct eft_file **ret_file)
{
	int handle = host()->create(flags & O_NONBLOCK);

	if (handle < 0)
		return handle;
	return eft_hostfile_create(handle, O_RDONLY | (flags & O_NONBLOCK),
				   NULL, ret_file);
}

/* Of the host's descriptions only an inotify has no type, and no directory. */
bool eft_hostfile_is_inotify(struct eft_file *file)
{
	return file->ops == &eft_hostfile_ops && file->fs == NULL;
}

/* The host's call knows no directory to start from: what is found is opened. */
static int watch_handle(int handle, int found, uint32_t mask)
{
	char link[32];

	eft_snprintf(link, sizeof(link), "/proc/self/fd/%d", found);
	return host()->add(handle, link, mask & ~(uint32_t)IN_DONT_FOLLOW);
}

static int watch_path(int handle, int at, const char *path, uint32_t mask)
{
	int flags = O_PATH | (mask & IN_ONLYDIR ? O_DIRECTORY : 0) |
		    (mask & IN_DONT_FOLLOW ? O_NOFOLLOW : 0);
	int found = eft_plat_host_paths()->open(at, path, flags, 0), watch;

	if (found < 0)
		return found;
	watch = watch_handle(handle, found, mask);
	eft_plat_host_files()->close(found);
	if (watch == -ENOENT && (at == EFT_HOST_CWD || *path == '/'))
		watch = host()->add(handle, path, mask); /* it has no /proc */
	return watch;
}

int eft_hostfile_watch(struct eft_file *file, const struct eft_at *at,
		       uint32_t mask)
{
	if (!eft_hostfile_is_inotify(file))
		return -EINVAL;
	if (at->file->fs != &eft_hostfs)
		return -EXDEV;
	return watch_path(eft_hostfile_handle(file),
			  eft_hostfile_handle(at->file),
			  eft_hostfs_name(at->path), mask);
}

int eft_hostfile_unwatch(struct eft_file *file, int wd)
{
	if (!eft_hostfile_is_inotify(file))
		return -EINVAL;
	return host()->remove(eft_hostfile_handle(file), wd);
}

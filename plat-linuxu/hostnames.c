// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls on the host's files by path that make, move and change something: each
 * is the host's system call of its name.
 */
#include "core/dev/host.h"
#include "plat-linuxu/linuxu.h"

static int host_mkdir(int at, const char *path, unsigned mode)
{
	return eft_linux3(SYS_mkdirat, at, (long)path, mode);
}

static int host_mknod(int at, const char *path, unsigned mode, uint64_t dev)
{
	return eft_linux4(SYS_mknodat, at, (long)path, mode, dev);
}

static int host_unlink(int at, const char *path, int flags)
{
	return eft_linux3(SYS_unlinkat, at, (long)path, flags);
}

static int host_rename(int from, const char *path, int to, const char *to_path,
		       unsigned flags)
{
	return eft_linux6(SYS_renameat2, from, (long)path, to, (long)to_path,
			  flags, 0);
}

static int host_link(int from, const char *path, int to, const char *to_path,
		     int flags)
{
	return eft_linux6(SYS_linkat, from, (long)path, to, (long)to_path,
			  flags, 0);
}

static int host_symlink(const char *target, int at, const char *path)
{
	return eft_linux3(SYS_symlinkat, (long)target, at, (long)path);
}

static int host_chmod(int at, const char *path, unsigned mode)
{
	return eft_linux3(SYS_fchmodat, at, (long)path, mode);
}

static int host_chown(int at, const char *path, unsigned uid, unsigned gid,
		      int flags)
{
	return eft_linux6(SYS_fchownat, at, (long)path, uid, gid, flags, 0);
}

static int host_set_times(int at, const char *path,
			  const struct eft_timespec times[2], int flags)
{
	return eft_linux4(SYS_utimensat, at, (long)path, (long)times, flags);
}

static const struct eft_host_names host_names = {
	.mkdir = host_mkdir,
	.mknod = host_mknod,
	.unlink = host_unlink,
	.rename = host_rename,
	.link = host_link,
	.symlink = host_symlink,
	.chmod = host_chmod,
	.chown = host_chown,
	.set_times = host_set_times,
};

const struct eft_host_names *eft_plat_host_names(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_names : NULL;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the host's files have that last: each call is the host's system call
 * of its name.
 */
#include "core/dev/host.h"
#include "plat-linuxu/linuxu.h"

static int host_statfs(int handle, struct eft_statfs *ret_statfs)
{
	return eft_linux3(SYS_fstatfs, handle, (long)ret_statfs, 0);
}

static int host_set_size(int handle, off_t size)
{
	return eft_linux3(SYS_ftruncate, handle, size, 0);
}

static int host_allocate(int handle, int mode, off_t offset, off_t len)
{
	return eft_linux4(SYS_fallocate, handle, mode, offset, len);
}

static int host_sync(int handle, bool data_only)
{
	return eft_linux3(data_only ? SYS_fdatasync : SYS_fsync, handle, 0, 0);
}

static int host_chmod(int handle, unsigned mode)
{
	return eft_linux3(SYS_fchmod, handle, mode, 0);
}

static int host_chown(int handle, unsigned uid, unsigned gid)
{
	return eft_linux6(SYS_fchownat, handle, (long)"", uid, gid,
			  AT_EMPTY_PATH, 0); /* O_PATH, too */
}

static int host_set_times(int handle, const struct eft_timespec times[2])
{
	int error = eft_linux4(SYS_utimensat, handle, (long)"", (long)times,
			       AT_EMPTY_PATH); /* O_PATH, too */

	if (error == -EINVAL) /* Linux before 5.8 */
		error = eft_linux4(SYS_utimensat, handle, 0, (long)times, 0);
	return error;
}

static ssize_t host_getdents(int handle, void eft_user *buf, size_t size)
{
	return eft_linux3(SYS_getdents64, handle, (long)buf, size);
}

static int host_lock(int handle, int command, struct eft_flock *lock)
{
	return eft_linux3(SYS_fcntl, handle, command, (long)lock);
}

static int host_flock(int handle, int operation)
{
	return eft_linux3(SYS_flock, handle, operation, 0);
}

static int host_sync_map(uintptr_t addr, size_t len, int flags)
{
	return eft_linux3(SYS_msync, addr, len, flags);
}

static const struct eft_host_storage host_storage = {
	.statfs = host_statfs,
	.set_size = host_set_size,
	.allocate = host_allocate,
	.sync = host_sync,
	.chmod = host_chmod,
	.chown = host_chown,
	.set_times = host_set_times,
	.getdents = host_getdents,
	.lock = host_lock,
	.flock = host_flock,
	.sync_map = host_sync_map,
};

const struct eft_host_storage *eft_plat_host_storage(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_storage : NULL;
}

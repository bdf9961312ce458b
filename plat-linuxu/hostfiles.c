// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's files by handle: each call is the host's system call of its name.
 */
#include "core/dev/host.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/notify.h"

static ssize_t host_read(int handle, const struct eft_iovec *iov, int count,
			 off_t at)
{
	if (at != EFT_HOST_POSITION && count == 1)
		return eft_linux4(SYS_pread64, handle, (long)iov->base,
				  iov->len, at);
	if (at != EFT_HOST_POSITION)
		return eft_linux4(SYS_preadv, handle, (long)iov, count, at);
	if (count == 1)
		return eft_linux3(SYS_read, handle, (long)iov->base, iov->len);
	return eft_linux3(SYS_readv, handle, (long)iov, count);
}

static ssize_t host_write(int handle, const struct eft_iovec *iov, int count,
			  off_t at)
{
	if (at != EFT_HOST_POSITION && count == 1)
		return eft_linux4(SYS_pwrite64, handle, (long)iov->base,
				  iov->len, at);
	if (at != EFT_HOST_POSITION)
		return eft_linux4(SYS_pwritev, handle, (long)iov, count, at);
	if (count == 1)
		return eft_linux3(SYS_write, handle, (long)iov->base, iov->len);
	return eft_linux3(SYS_writev, handle, (long)iov, count);
}

static off_t host_seek(int handle, off_t offset, int whence)
{
	return eft_linux3(SYS_lseek, handle, offset, whence);
}

static int host_stat(int handle, struct eft_stat *ret_stat)
{
	if (handle == EFT_HOST_CWD)
		return eft_linux4(SYS_newfstatat, handle, (long)".",
				  (long)ret_stat, 0);
	return eft_linux3(SYS_fstat, handle, (long)ret_stat, 0);
}

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
	return eft_linux3(SYS_fchown, handle, uid, gid);
}

static int host_set_times(int handle, const struct eft_timespec times[2])
{
	return eft_linux4(SYS_utimensat, handle, 0, (long)times, 0);
}

static ssize_t host_getdents(int handle, void *buf, size_t size)
{
	return eft_linux3(SYS_getdents64, handle, (long)buf, size);
}

static int host_ioctl(int handle, unsigned long request, void *arg)
{
	return eft_linux3(SYS_ioctl, handle, request, (long)arg);
}

static int host_get_flags(int handle)
{
	return eft_linux3(SYS_fcntl, handle, F_GETFL, 0);
}

static int host_set_flags(int handle, int flags)
{
	return eft_linux3(SYS_fcntl, handle, F_SETFL, flags);
}

static int host_lock(int handle, int command, struct eft_flock *lock)
{
	return eft_linux3(SYS_fcntl, handle, command, (long)lock);
}

static int host_flock(int handle, int operation)
{
	return eft_linux3(SYS_flock, handle, operation, 0);
}

static void host_close(int handle)
{
	eft_linux3(SYS_close, handle, 0, 0);
}

static int host_map(int handle, uintptr_t addr, size_t len, int prot,
		    bool shared, off_t offset)
{
	int flags = MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE);
	long at = eft_linux6(SYS_mmap, addr, len, prot, flags, handle, offset);

	return at < 0 ? at : 0;
}

static int host_sync_map(uintptr_t addr, size_t len, int flags)
{
	return eft_linux3(SYS_msync, addr, len, flags);
}

static unsigned host_ready(int handle, unsigned events)
{
	struct eft_pollfd fd = {.fd = handle, .events = events};
	struct eft_timespec now = {0};

	if (eft_linux6(SYS_ppoll, (long)&fd, 1, (long)&now, 0, 0, 0) <= 0)
		return 0;
	return (uint16_t)fd.revents;
}

static const struct eft_host_files host_files = {
	.read = host_read,
	.write = host_write,
	.seek = host_seek,
	.stat = host_stat,
	.statfs = host_statfs,
	.set_size = host_set_size,
	.allocate = host_allocate,
	.sync = host_sync,
	.chmod = host_chmod,
	.chown = host_chown,
	.set_times = host_set_times,
	.getdents = host_getdents,
	.ioctl = host_ioctl,
	.get_flags = host_get_flags,
	.set_flags = host_set_flags,
	.lock = host_lock,
	.flock = host_flock,
	.close = host_close,
	.map = host_map,
	.sync_map = host_sync_map,
	.ready = host_ready,
	.notify = eft_linuxu_notify,
	.cancel = eft_linuxu_cancel,
};

const struct eft_host_files *eft_plat_host_files(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_files : NULL;
}

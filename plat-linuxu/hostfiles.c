// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's files by handle: each call is the host's system call of its name.
 * Reading is in hostread.c, what only files that last have in hoststorage.c.
 */
#include "core/dev/host.h"
#include "core/trace.h"
#include "plat-linuxu/linuxu.h"

static ssize_t write(int handle, const struct eft_iovec *iov, int count,
		     off_t at)
{
	if (at == EFT_HOST_POSITION && count == 1)
		return eft_linux3(SYS_write, handle, (long)iov->base, iov->len);
	if (at == EFT_HOST_POSITION)
		return eft_linux3(SYS_writev, handle, (long)iov, count);
	if (count == 1)
		return eft_linux4(SYS_pwrite64, handle, (long)iov->base,
				  iov->len, at);
	return eft_linux4(SYS_pwritev, handle, (long)iov, count, at);
}

static ssize_t traced_write(int handle, const struct eft_iovec *iov, int count,
			    off_t at)
{
	ssize_t n;

	eft_trace(EFT_TRACE_IO, EFT_TRACE_IO_WRITE, 0);
	n = write(handle, iov, count, at);
	eft_trace(EFT_TRACE_IO_END, n, 0);
	return n;
}

static ssize_t host_write(int handle, const struct eft_iovec *iov, int count,
			  off_t at)
{
	if (eft_unlikely(eft_tracing))
		return traced_write(handle, iov, count, at);
	return write(handle, iov, count, at);
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

static int host_ioctl(int handle, unsigned long request, void eft_user *arg)
{
	return eft_linux3(SYS_ioctl, handle, request, (long)arg);
}

static int host_inherited(int number)
{
	struct eft_stat st;
	long flags;

	if (eft_linuxu_was_given != NULL && !eft_linuxu_was_given(number))
		return -EBADF;
	flags = eft_linux3(SYS_fcntl, number, F_GETFL, 0);
	if (eft_linuxu_is_refused(flags)) /* the host knows what it allows */
		flags = eft_linux3(SYS_fstat, number, (long)&st, 0) ?: O_RDWR;
	return (int)flags;
}

static int host_set_flags(int handle, int flags)
{
	return eft_linux3(SYS_fcntl, handle, F_SETFL, flags);
}

static int host_close(int handle)
{
	if (handle == eft_linuxu_console && eft_linuxu_leave_console != NULL)
		eft_linuxu_leave_console();
	return eft_linux3(SYS_close, handle, 0, 0);
}

static int host_map(int handle, uintptr_t addr, size_t len, int prot,
		    bool shared, off_t offset)
{
	int flags =
		MAP_FIXED | MAP_NORESERVE | (shared ? MAP_SHARED : MAP_PRIVATE);
	long at = eft_linux6(SYS_mmap, addr, len, prot, flags, handle, offset);

	return at < 0 ? at : 0;
}

static const struct eft_host_files host_files = {
	.write = host_write,
	.seek = host_seek,
	.stat = host_stat,
	.ioctl = host_ioctl,
	.inherited = host_inherited,
	.set_flags = host_set_flags,
	.close = host_close,
	.map = host_map,
};

const struct eft_host_files *eft_plat_host_files(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_files : NULL;
}

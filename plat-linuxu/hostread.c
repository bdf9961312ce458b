// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading the host's files.
 */
#include "core/dev/host.h"
#include "core/trace.h"
#include "plat-linuxu/linuxu.h"

static ssize_t read(int handle, const struct eft_iovec *iov, int count,
		    off_t at)
{
	if (at == EFT_HOST_POSITION && count == 1)
		return eft_linux3(SYS_read, handle, (long)iov->base, iov->len);
	if (at == EFT_HOST_POSITION)
		return eft_linux3(SYS_readv, handle, (long)iov, count);
	if (count == 1)
		return eft_linux4(SYS_pread64, handle, (long)iov->base,
				  iov->len, at);
	return eft_linux4(SYS_preadv, handle, (long)iov, count, at);
}

static ssize_t traced_read(int handle, const struct eft_iovec *iov, int count,
			   off_t at)
{
	ssize_t n;

	eft_trace(EFT_TRACE_IO, EFT_TRACE_IO_READ, 0);
	n = read(handle, iov, count, at);
	eft_trace(EFT_TRACE_IO_END, n, 0);
	return n;
}

ssize_t eft_linuxu_read(int handle, const struct eft_iovec *iov, int count,
			off_t at)
{
	if (eft_unlikely(eft_tracing))
		return traced_read(handle, iov, count, at);
	return read(handle, iov, count, at);
}

static const struct eft_host_input host_input = {
	.read = eft_linuxu_read,
};

const struct eft_host_input *eft_plat_host_input(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_input : NULL;
}

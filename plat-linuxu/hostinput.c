// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading the host's files, and waiting for them.
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

static unsigned host_ready(int handle, unsigned events)
{
	struct eft_pollfd fd = {.fd = handle, .events = events};
	struct eft_timespec now = {0};

	if (eft_linux6(SYS_ppoll, (long)&fd, 1, (long)&now, 0, 0, 0) <= 0)
		return 0;
	return (uint16_t)fd.revents;
}

static const struct eft_host_input host_input = {
	.read = host_read,
	.ready = host_ready,
	.notify = eft_linuxu_notify,
	.cancel = eft_linuxu_cancel,
};

const struct eft_host_input *eft_plat_host_input(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_input : NULL;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for the host's files.
 *
 * A handle of a stream is never made O_NONBLOCK for a call's sake: other
 * processes may share it.
 */
#include "core/dev/host.h"
#include "core/trace.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/notify.h"

enum { RWF_NOWAIT = 8, PIPE_BUF = 4096 };

static int host_get_flags(int handle)
{
	return eft_linux3(SYS_fcntl, handle, F_GETFL, 0);
}

static unsigned host_ready(int handle, unsigned events)
{
	struct eft_pollfd fd = {.fd = handle, .events = events};
	struct eft_timespec now = {0};

	if (eft_linuxu_need(
		    eft_linux6(SYS_ppoll, (long)&fd, 1, (long)&now, 0, 0, 0),
		    "ppoll") <= 0)
		return 0;
	return (uint16_t)fd.revents;
}

/*
 * RWF_NOWAIT does it where the host knows it of that kind of stream: not of
 * terminals, and of pipes since Linux 6.4.
 */
static ssize_t without_waiting(int call, int handle,
			       const struct eft_iovec *iov, int count)
{
	long n;

	eft_trace(EFT_TRACE_IO,
		  call == SYS_preadv2 ? EFT_TRACE_IO_READ : EFT_TRACE_IO_WRITE,
		  0);
	n = eft_linux6(call, handle, (long)iov, count, EFT_HOST_POSITION, 0,
		       RWF_NOWAIT);
	eft_trace(EFT_TRACE_IO_END, n, 0);
	return n;
}

static bool unknown(ssize_t result)
{
	return result == -EOPNOTSUPP || eft_linuxu_is_refused(result);
}

static ssize_t host_read_now(int handle, const struct eft_iovec *iov, int count)
{
	ssize_t n = without_waiting(SYS_preadv2, handle, iov, count);

	if (!unknown(n))
		return n;
	if (host_ready(handle, POLLIN) == 0)
		return -EAGAIN;
	return eft_linuxu_read(handle, iov, count, EFT_HOST_POSITION);
}

/* What has room has it for PIPE_BUF (pipe(7)). */
static ssize_t host_write_now(int handle, const struct eft_iovec *iov,
			      int count)
{
	ssize_t n = without_waiting(SYS_pwritev2, handle, iov, count);

	if (!unknown(n))
		return n;
	if (host_ready(handle, POLLOUT) == 0)
		return -EAGAIN;
	while (count > 1 && iov->len == 0)
		iov++, count--;
	return eft_linux3(SYS_write, handle, (long)iov->base,
			  eft_min(iov->len, (size_t)PIPE_BUF));
}

static const struct eft_host_waiting host_waiting = {
	.read_now = host_read_now,
	.write_now = host_write_now,
	.get_flags = host_get_flags,
	.ready = host_ready,
	.notify = eft_linuxu_notify,
	.cancel = eft_linuxu_cancel,
	.waits = eft_linuxu_waits,
};

const struct eft_host_waiting *eft_plat_host_waiting(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_waiting : NULL;
}

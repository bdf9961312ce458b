// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading a host's handle.
 */
#include "core/fs/hostfs/hostfs.h"

/*
 * Only programs have it in which something can happen while a thread waits:
 * those that make threads, have signals, or poll. In others the host may let
 * the only thread wait.
 */
#pragma weak eft_hostfile_read_asleep

/* Only in images with disks is there memory that the host cannot use. */
#pragma weak eft_hostfile_bounces
#pragma weak eft_hostfile_bounce

ssize_t eft_hostfile_read(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	struct eft_hostfile *hf = eft_hostfile_of(file);
	ssize_t n;

	if (eft_hostfile_bounces != NULL && eft_hostfile_bounces(iov, count))
		return eft_hostfile_bounce(file, iov, count, at, false);
	if (eft_hostfile_read_asleep != NULL)
		return eft_hostfile_read_asleep(hf, iov, count, at);
	do
		n = eft_plat_host_input()->read(hf->handle, iov, count, at);
	while (n == -EINTR);
	return n;
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Reading and writing by descriptor. Files of their own, read.c and write.c:
 * an image that only writes is without the waiting for input.
 */
#include "core/file.h"

typedef ssize_t eft_transfer(struct eft_file *file, const struct eft_iovec *iov,
			     int count, off_t at);

/*
 * A write found nobody to read: send the caller SIGPIPE, by which it ends
 * unless it has other plans, which come at the end of the call. Who returns
 * -EPIPE without a host calls this, or names it (eft_needs()) where the calls
 * above do so.
 */
void eft_broken_pipe(void);

long eft_transfer_one(eft_transfer *function, int fd, void eft_user *buf,
		      size_t count, off_t at);
long eft_transfer_vector(eft_transfer *function, int fd,
			 const struct eft_iovec eft_user *iov, int count,
			 off_t at);

/* What a transfer that failed with (error) answers, after SIGPIPE perhaps. */
long eft_transfer_failed(long error);

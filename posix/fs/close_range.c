// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "core/inherited.h"
#include "posix/syscalls.h"

/* include/uapi/linux/close_range.h */
enum { CLOSE_RANGE_UNSHARE = 2, CLOSE_RANGE_CLOEXEC = 4 };

/* No other process shares the table: there is nothing to unshare. */
long eft_sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	unsigned end;

	if (flags & ~(unsigned)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) ||
	    first > last)
		return -EINVAL;
	if (first > INT32_MAX)
		return 0;
	end = eft_min(last, INT32_MAX);
	eft_fd_name_inherited((int)first, (int)end);
	for (int fd = eft_fd_next((int)first); fd >= 0 && (unsigned)fd <= end;
	     fd = eft_fd_next(fd + 1)) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			eft_fd_flags(fd, FD_CLOEXEC);
		else
			eft_fd_close(fd);
	}
	return 0;
}

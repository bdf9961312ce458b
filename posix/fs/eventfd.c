// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "posix/syscalls.h"

enum { EFD_SEMAPHORE = 1 };

long eft_sys_eventfd2(unsigned value, int flags)
{
	struct eft_file *file;
	int error;

	if (flags & ~(EFD_SEMAPHORE | O_NONBLOCK | O_CLOEXEC))
		return -EINVAL;
	error = eft_eventfd_create(value, flags & EFD_SEMAPHORE, flags, &file);
	if (error != 0)
		return error;
	return eft_fd_install(file, 0, flags & O_CLOEXEC);
}

long eft_sys_eventfd(unsigned value)
{
	return eft_sys_eventfd2(value, 0);
}

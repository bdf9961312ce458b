// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "posix/syscalls.h"

long eft_sys_close(int fd)
{
	return eft_fd_close(fd);
}

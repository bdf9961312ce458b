// SPDX-License-Identifier: BSD-3-Clause
#include "core/boot.h"
#include "posix/syscalls.h"

long eft_sys_exit_group(int status)
{
	eft_exit(status & 0xff);
}

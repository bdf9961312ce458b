// SPDX-License-Identifier: BSD-3-Clause
#include "core/plat.h"
#include "posix/syscalls.h"

long eft_sys_exit_group(int status)
{
	eft_plat->exit(status & 0xff);
}

/* The program's only thread ends the program. */
long eft_sys_exit(int status)
{
	return eft_sys_exit_group(status);
}

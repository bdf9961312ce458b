// SPDX-License-Identifier: BSD-3-Clause
/*
 * There are no processes but one: no pipe is made that nobody would be at the
 * other end of. The answer is vfork's.
 */
#include <errno.h>

#include "stdio_impl.h"
#include "syscall.h"

FILE *popen(const char *command, const char *mode)
{
	if (*mode == 'r' || *mode == 'w')
		__syscall_ret(__syscall(SYS_vfork));
	else
		errno = EINVAL;
	return NULL;
}

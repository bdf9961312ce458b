// SPDX-License-Identifier: BSD-3-Clause
/*
 * There are no processes but one: no signal waits for the end of another, and
 * the answer is vfork's.
 */
#include <stdlib.h>

#include "pthread_impl.h"
#include "syscall.h"

int system(const char *command)
{
	pthread_testcancel();
	if (command == NULL)
		return 1;
	return __syscall_ret(__syscall(SYS_vfork));
}

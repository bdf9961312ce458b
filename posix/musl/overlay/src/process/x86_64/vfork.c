// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include <unistd.h>

#include "syscall.h"

pid_t vfork(void)
{
	return syscall(SYS_vfork);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "pthread_impl.h"
#include "syscall.h"

/* arch_prctl(2): ARCH_SET_FS. */
int __set_thread_area(void *tp)
{
	return __syscall2(SYS_arch_prctl, 0x1002, (long)tp);
}

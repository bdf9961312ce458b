// SPDX-License-Identifier: BSD-3-Clause
/*
 * Facts of the calling thread.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/thread.h"
#include "posix/futex/robust.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

enum { ARCH_SET_FS = 0x1002, ARCH_GET_FS = 0x1003 };

long eft_sys_arch_prctl(int code, uintptr_t addr)
{
	switch (code) {
	case ARCH_SET_FS:
		eft_thread_set_tls(addr);
		return 0;
	case ARCH_GET_FS:
		*(uintptr_t *)addr = eft_current()->tls;
		return 0;
	}
	return -EINVAL;
}

long eft_sys_set_robust_list(struct eft_robust_head *head, size_t size)
{
	if (size != sizeof(*head))
		return -EINVAL;
	eft_task_current()->robust = head;
	return 0;
}

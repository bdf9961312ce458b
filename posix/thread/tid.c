// SPDX-License-Identifier: BSD-3-Clause
/*
 * Facts of the calling thread.
 */
#include "posix/thread/tid.h"
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/thread.h"
#include "core/user.h"
#include "posix/futex/robust.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

enum { ARCH_SET_FS = 0x1002, ARCH_GET_FS = 0x1003 };

long eft_set_fs(uintptr_t addr)
{
	eft_thread_set_tls(addr);
	return 0;
}

long eft_sys_arch_prctl(int code, uintptr_t addr)
{
	uintptr_t tls;

	switch (code) {
	case ARCH_SET_FS:
		return eft_set_fs(addr);
	case ARCH_GET_FS:
		tls = eft_current()->tls;
		return eft_copy_out((void eft_user *)addr, &tls, sizeof(tls));
	}
	return -EINVAL;
}

long eft_sys_set_robust_list(struct eft_robust_head eft_user *head, size_t size)
{
	if (size != sizeof(*head))
		return -EINVAL;
	eft_task_current()->robust = head;
	return 0;
}

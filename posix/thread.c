// SPDX-License-Identifier: BSD-3-Clause
/*
 * Facts of the calling thread.
 */
#include "core/thread.h"
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/lib.h"
#include "posix/robust.h"
#include "posix/syscalls.h"
#include "posix/task.h"

enum { ARCH_SET_FS = 0x1002, ARCH_GET_FS = 0x1003 };
enum { PR_SET_NAME = 15, PR_GET_NAME = 16, NAME_BYTES = 16 };

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

long eft_sys_sched_getaffinity(int pid, size_t size, void *mask)
{
	if (size < sizeof(uint64_t) || size % sizeof(uint64_t) != 0)
		return -EINVAL;
	*(uint64_t *)mask = 1;
	return sizeof(uint64_t);
}

long eft_sys_getcpu(unsigned *cpu, unsigned *node)
{
	if (cpu != NULL)
		*cpu = eft_cpu()->number;
	if (node != NULL)
		*node = 0;
	return 0;
}

long eft_sys_prctl(int option, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d)
{
	static char name[NAME_BYTES];

	switch (option) {
	case PR_SET_NAME:
		eft_strlcpy(name, (const char *)a, NAME_BYTES);
		return 0;
	case PR_GET_NAME:
		memcpy((char *)a, name, NAME_BYTES);
		return 0;
	}
	return -EINVAL;
}

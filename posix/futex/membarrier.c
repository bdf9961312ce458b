// SPDX-License-Identifier: BSD-3-Clause
/*
 * membarrier(2): all threads that run meet a memory barrier.
 */
#include "core/abi.h"
#include "core/process.h"
#include "core/thread.h"
#include "posix/syscalls.h"

/* include/uapi/linux/membarrier.h. */
enum {
	QUERY = 0,
	GLOBAL = 1,
	GLOBAL_EXPEDITED = 2,
	REGISTER_GLOBAL_EXPEDITED = 4,
	PRIVATE_EXPEDITED = 8,
	REGISTER_PRIVATE_EXPEDITED = 16,
	PRIVATE_EXPEDITED_SYNC_CORE = 32,
	REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 64,
	ALL = 127,
};

/* A barrier is an interrupt, which puts instructions in order too. */
static long barrier(void)
{
	eft_cpus_barrier();
	return 0;
}

long eft_sys_membarrier(int command, unsigned flags)
{
	int *registered = &eft_process()->barriers;

	if (flags != 0)
		return -EINVAL;
	switch (command) {
	case QUERY:
		return ALL;
	case GLOBAL:
	case GLOBAL_EXPEDITED:
		return barrier();
	case PRIVATE_EXPEDITED:
	case PRIVATE_EXPEDITED_SYNC_CORE:
		return *registered & command << 1 ? barrier() : -EPERM;
	case REGISTER_GLOBAL_EXPEDITED:
	case REGISTER_PRIVATE_EXPEDITED:
	case REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
		__atomic_fetch_or(registered, command, __ATOMIC_RELAXED);
		return 0;
	}
	return -EINVAL;
}

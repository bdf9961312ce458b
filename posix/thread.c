// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a program of one thread asks of threads.
 */
#include "core/thread.h"
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/boot.h"
#include "core/lib.h"
#include "posix/syscalls.h"
#include "posix/time.h"

enum { ARCH_SET_FS = 0x1002, ARCH_GET_FS = 0x1003 };
enum { PR_SET_NAME = 15, PR_GET_NAME = 16, NAME_BYTES = 16 };
enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_WAIT_BITSET = 9 };
enum {
	FUTEX_WAKE_BITSET = 10,
	FUTEX_CLOCK_REALTIME = 256,
	FUTEX_PRIVATE = 128,
	FUTEX_COMMAND = ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME),
};

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

long eft_sys_set_tid_address(int *word)
{
	return eft_identity.pid;
}

long eft_sys_set_robust_list(void *head, size_t size)
{
	return size == 3 * sizeof(void *) ? 0 : -EINVAL;
}

/*
 * Nobody else could wake us: a wait ends at its deadline, or at once where
 * the word has changed.
 */
static long futex_wait(const uint32_t *word, uint32_t value,
		       uint64_t deadline_ns)
{
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value)
		return -EAGAIN;
	while (eft_now_ns() < deadline_ns)
		eft_sleep(deadline_ns);
	return -ETIMEDOUT;
}

/* FUTEX_WAIT has a time from now, FUTEX_WAIT_BITSET a deadline of a clock. */
static int futex_deadline(int op, const struct eft_timespec *timeout,
			  uint64_t *ret_deadline_ns)
{
	uint64_t ns = EFT_FOREVER;

	if (timeout != NULL && eft_time_from(timeout, &ns) < 0)
		return -EINVAL;
	if ((op & FUTEX_COMMAND) == FUTEX_WAIT)
		ns = eft_time_after(ns);
	else if (op & FUTEX_CLOCK_REALTIME)
		ns = eft_time_from_realtime(ns);
	*ret_deadline_ns = ns;
	return 0;
}

long eft_sys_futex(uint32_t *word, int op, uint32_t value,
		   const struct eft_timespec *timeout, uint32_t *word2,
		   uint32_t value3)
{
	uint64_t deadline;

	int command = op & FUTEX_COMMAND;
	bool bitset =
		command == FUTEX_WAIT_BITSET || command == FUTEX_WAKE_BITSET;

	if ((uintptr_t)word % sizeof(*word) != 0 || (bitset && value3 == 0))
		return -EINVAL;
	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		if (futex_deadline(op, timeout, &deadline) < 0)
			return -EINVAL;
		return futex_wait(word, value, deadline);
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
		return 0;
	}
	return -ENOSYS;
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

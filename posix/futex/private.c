// SPDX-License-Identifier: BSD-3-Clause
/*
 * The futexes of the C library's own locks, in a program that may have no
 * threads: there nobody else holds one, and the table of waiters (futex.c) is
 * not in the image. Who makes threads has it (posix/thread/clone.c).
 */
#include "posix/futex/futex.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

extern __typeof__(eft_sys_futex) eft_sys_futex eft_weak;
extern __typeof__(eft_futex_wake_private) eft_futex_wake_private eft_weak;

/*
 * What holds the lock is a frame below the handler that wants it. The word is
 * the C library's own.
 */
static long wait_alone(const uint32_t eft_user *word, uint32_t value)
{
	if (__atomic_load_n((const uint32_t *)word, __ATOMIC_RELAXED) != value)
		return -EAGAIN;
	return eft_restartable(eft_sleep(EFT_FOREVER));
}

long eft_futex_plain(uint32_t eft_user *word, int op, uint32_t value)
{
	if (op == (FUTEX_WAKE | FUTEX_PRIVATE) &&
	    eft_futex_wake_private != NULL)
		return eft_futex_wake_private(word, (int)value);
	if (eft_sys_futex != NULL)
		return eft_sys_futex(word, op, value, NULL, NULL, 0);
	return (op & FUTEX_COMMAND) == FUTEX_WAKE ? 0 : wait_alone(word, value);
}

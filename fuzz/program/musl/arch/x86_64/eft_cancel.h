// SPDX-License-Identifier: BSD-3-Clause
/*
 * Is the calling thread asked to cancel? The note is struct pthread's cancel,
 * at 60 of what the thread pointer points at.
 */
#include "pthread_arch.h"

EFT_INLINE int eft_cancel_asked(void)
{
	return __builtin_expect(*(volatile int *)(__get_tp() + 60), 0);
}

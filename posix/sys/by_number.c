// SPDX-License-Identifier: BSD-3-Clause
/*
 * What syscall(2) may call without naming it: by_number.S.
 */
#include "posix/futex/futex.h"

/* Has the linker take in all of futex(2), whose operations are not known. */
extern __typeof__(eft_futex_requeue) *const eft_futex_parts[];
__typeof__(eft_futex_requeue) *const eft_futex_parts[] = {
	eft_futex_requeue,
	eft_futex_pi,
};

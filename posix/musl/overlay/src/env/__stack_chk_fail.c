// SPDX-License-Identifier: BSD-3-Clause
/*
 * The stack protector of programs compares with the thread's own canary; the
 * libOS's value, __stack_chk_guard, is set at boot and left alone.
 */
#include <stdint.h>
#include <string.h>

#include "pthread_impl.h"

_Noreturn void eft_stack_smashed(void);

void __init_ssp(void *entropy)
{
	uintptr_t canary = 0;

	if (entropy)
		memcpy(&canary, entropy, sizeof(canary));
	((char *)&canary)[1] = 0; /* ends a string that runs over it */
	__pthread_self()->canary = canary;
}

void __stack_chk_fail(void)
{
	eft_stack_smashed();
}

hidden void __stack_chk_fail_local(void);

weak_alias(__stack_chk_fail, __stack_chk_fail_local);

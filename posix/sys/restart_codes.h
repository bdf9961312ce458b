/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/*
 * What a handler returns, negated, whose call a signal has interrupted: it says
 * when the call is made again. Never seen by the program. For C and assembly.
 */

/* Where no handler ran, or the first that ran has SA_RESTART. */
#define EFT_RESTART 512
/* Whatever the handlers say. */
#define EFT_RESTART_ALWAYS 513
/* Where no handler ran. */
#define EFT_RESTART_UNHANDLED 514

#define EFT_RESTART_MIN 512
#define EFT_RESTART_MAX 514

#ifndef __ASSEMBLER__
#include "core/base.h"

/* Is (result) one of them? */
static inline bool eft_is_restart(long result)
{
	return result >= -EFT_RESTART_MAX && result <= -EFT_RESTART_MIN;
}
#endif

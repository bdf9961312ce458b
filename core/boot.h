// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The last step of boot: the program.
 */
#include "core/plat.h"

/*
 * Lay out the program's stack as Linux does and make its thread ready.
 *
 * Returns   0; -ENOMEM
 */
int eft_program_create(const struct eft_boot_info *info);

/* Who the caller is, asked once at boot. */
extern struct eft_identity eft_identity;

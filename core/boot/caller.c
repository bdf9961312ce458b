// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who started us: see core/dev/caller.h.
 */
#include "core/dev/caller.h"
#include "core/boot.h"

void eft_caller_limit(int resource, uint64_t limit[2])
{
	eft_plat_caller_limit(resource, limit);
}

int eft_caller_nice(void)
{
	int nice = 0;

	eft_plat_caller_nice(&nice);
	return nice;
}

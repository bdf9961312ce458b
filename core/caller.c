// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who started us: see core/dev/caller.h.
 */
#include "core/dev/caller.h"
#include "core/boot.h"
#include "core/plat.h"

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

int eft_caller_parent(void)
{
	struct eft_identity id;

	eft_plat->identity(&id);
	return id.ppid;
}

long eft_caller_change(enum eft_change call, long a, long b, long c,
		       struct eft_identity *ret_id)
{
	return eft_plat_caller_change(call, a, b, c, ret_id);
}

long eft_caller_groups(int size, unsigned *groups)
{
	return eft_plat_caller_groups(size, groups);
}

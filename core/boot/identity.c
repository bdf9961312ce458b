// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who we are, for programs that ask or change it: see core/dev/caller.h.
 */
#include "core/boot.h"
#include "core/dev/caller.h"
#include "core/plat.h"

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

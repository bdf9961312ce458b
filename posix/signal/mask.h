// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The mask that ppoll(2) and its kin take.
 */
#include "core/user.h"
#include "posix/signal/restart.h"

struct eft_user_mask {
	const uint64_t *mask; /* (copy), or NULL: nothing changes */
	uint64_t copy;
};

/*
 * Copy the program's mask (from) of (size) bytes, which may be NULL.
 *
 * Returns   0; -EINVAL; -EFAULT
 */
static inline int eft_mask_get(struct eft_user_mask *ret_mask,
			       const uint64_t eft_user *from, size_t size)
{
	ret_mask->mask = NULL;
	if (from == NULL)
		return 0;
	if (size != sizeof(ret_mask->copy))
		return -EINVAL;
	ret_mask->mask = &ret_mask->copy;
	return eft_get_user(&ret_mask->copy, from);
}

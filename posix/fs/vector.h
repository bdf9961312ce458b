// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Vectors of buffers that the program gives, as a copy: another thread may
 * change them. The buffers stay the program's.
 */
#include "core/mem.h"
#include "core/user.h"

enum { EFT_VECTOR_FEW = 8 }; /* buffers that need no allocation */

struct eft_vector {
	struct eft_iovec *iov;
	struct eft_iovec few[EFT_VECTOR_FEW];
};

/*
 * Copy (count) buffers, IOV_MAX at most.
 *
 * Returns   0; -EFAULT; -ENOMEM; -EINVAL a length, or all of them, is too large
 * Owns      eft_vector_put() gives back what that takes, also on failure
 */
int eft_vector_get(struct eft_vector *ret_vector,
		   const struct eft_iovec eft_user *from, size_t count);
static inline void eft_vector_put(struct eft_vector *vector)
{
	if (vector->iov != vector->few)
		eft_free(vector->iov);
}

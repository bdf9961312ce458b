// SPDX-License-Identifier: BSD-3-Clause
#include "posix/time/time.h"
#include "core/user.h"

int eft_time_get(const struct eft_timespec eft_user *time, uint64_t *ret_ns)
{
	struct eft_timespec copy;

	if (time == NULL)
		return 0;
	if (eft_get_user(&copy, time) != 0)
		return -EFAULT;
	return eft_time_from(&copy, ret_ns);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The calls that Linux has in its vDSO, for who makes them by number.
 *
 * The C library's functions store their results at once, as the vDSO's do: with
 * a bad pointer they are a segmentation fault of the program's. A system call
 * by number is -EFAULT.
 */
#include "core/user.h"
#include "posix/syscalls.h"

long eft_checked_clock_gettime(int clock, struct eft_timespec eft_user *time)
{
	struct eft_timespec copy;
	long result = eft_sys_clock_gettime(clock, eft_as_user(&copy));

	return result == 0 ? eft_put_user(time, &copy) : result;
}

long eft_checked_clock_getres(int clock, struct eft_timespec eft_user *res)
{
	struct eft_timespec copy;
	long result = eft_sys_clock_getres(clock, eft_as_user(&copy));

	return result == 0 ? eft_put_optional(res, &copy) : result;
}

long eft_checked_gettimeofday(struct eft_timeval eft_user *tv,
			      void eft_user *zone)
{
	struct eft_timeval copy;
	int zones[2]; /* struct timezone */

	eft_sys_gettimeofday(eft_as_user(&copy), (void eft_user *)zones);
	if (eft_put_optional(tv, &copy) != 0)
		return -EFAULT;
	return zone == NULL ? 0 : eft_copy_out(zone, zones, sizeof(zones));
}

long eft_checked_time(int64_t eft_user *seconds)
{
	int64_t now = eft_sys_time(NULL);

	return eft_put_optional(seconds, &now) != 0 ? -EFAULT : now;
}

long eft_checked_getcpu(unsigned eft_user *cpu, unsigned eft_user *node)
{
	unsigned copy[2];

	eft_sys_getcpu(eft_as_user(&copy[0]), eft_as_user(&copy[1]));
	if (eft_put_optional(cpu, &copy[0]) != 0)
		return -EFAULT;
	return eft_put_optional(node, &copy[1]);
}

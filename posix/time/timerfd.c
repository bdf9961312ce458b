// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "core/user.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

enum {
	CLOCK_REALTIME_ALARM = 8,
	CLOCK_BOOTTIME_ALARM = 9,
	TFD_TIMER_ABSTIME = 1,
	TFD_TIMER_CANCEL_ON_SET = 2,
};

long eft_sys_timerfd_create(int clock, int flags)
{
	struct eft_file *file;
	bool realtime = false;
	int error;

	if (flags & ~(O_NONBLOCK | O_CLOEXEC))
		return -EINVAL;
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_ALARM:
		realtime = true;
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		break;
	default:
		return -EINVAL;
	}
	error = eft_timerfd_create(realtime, flags, &file);
	if (error != 0)
		return error;
	return eft_fd_install(file, 0, flags & O_CLOEXEC);
}

static struct eft_itimerspec spec_of(const struct eft_timerfd_setting *setting)
{
	return (struct eft_itimerspec){
		.interval = eft_time_to(setting->interval_ns),
		.value = eft_time_to(setting->value_ns),
	};
}

long eft_sys_timerfd_settime(int fd, int flags,
			     const struct eft_itimerspec eft_user *wanted,
			     struct eft_itimerspec eft_user *old)
{
	struct eft_itimerspec spec;
	struct eft_timerfd_setting setting, before;
	struct eft_file *file;
	int error;

	if (eft_get_user(&spec, wanted) != 0)
		return -EFAULT;
	if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) ||
	    eft_time_from(&spec.value, &setting.value_ns) < 0 ||
	    eft_time_from(&spec.interval, &setting.interval_ns) < 0)
		return -EINVAL;
	file = eft_fd_get(fd);
	if (file == NULL)
		return -EBADF;
	error = eft_timerfd_set(file, &setting, flags & TFD_TIMER_ABSTIME,
				flags & TFD_TIMER_CANCEL_ON_SET, &before);
	eft_file_put(file);
	if (error != 0)
		return error;
	spec = spec_of(&before);
	return eft_put_optional(old, &spec);
}

long eft_sys_timerfd_gettime(int fd, struct eft_itimerspec eft_user *ret_spec)
{
	struct eft_itimerspec spec;
	struct eft_file *file = eft_fd_get(fd);
	struct eft_timerfd_setting setting;
	int error;

	if (file == NULL)
		return -EBADF;
	error = eft_timerfd_get(file, &setting);
	eft_file_put(file);
	if (error != 0)
		return error;
	spec = spec_of(&setting);
	return eft_put_user(ret_spec, &spec);
}

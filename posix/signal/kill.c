// SPDX-License-Identifier: BSD-3-Clause
/*
 * System calls that send a signal. One to the caller itself is handled before
 * the call returns.
 */
#include "core/boot.h"
#include "core/process.h"
#include "core/user.h"
#include "posix/signal/restart.h"
#include "posix/signal/signal.h"
#include "posix/syscalls.h"

static long send_to_task(int tid, const struct eft_siginfo *info)
{
	if (!eft_task_exists(tid)) /* also for signal 0, and a bad number */
		return -ESRCH;
	if (info->signal < 0 || info->signal > EFT_SIGNALS)
		return -EINVAL;
	return info->signal == 0 ? 0 : eft_signal_send(tid, info);
}

static long send_to_process(const struct eft_siginfo *info)
{
	if (info->signal < 0 || info->signal > EFT_SIGNALS)
		return -EINVAL;
	return info->signal == 0 ? 0 : eft_signal_send(0, info);
}

static struct eft_siginfo from_user(int signal, int code)
{
	return (struct eft_siginfo){
		.signal = signal,
		.code = code,
		.pid = eft_process()->identity.pid,
		.uid = eft_process()->identity.uid,
	};
}

/*
 * One's own group is all there is. It may be number 1, in a guest, where -1 is
 * it, and not everybody but the caller.
 */
long eft_sys_kill(int pid, int signal)
{
	struct eft_siginfo info = from_user(signal, SI_USER);
	bool self = pid == eft_process()->identity.pid || pid == 0 ||
		    pid == -eft_process()->identity.pid;

	return self ? send_to_process(&info) : -ESRCH;
}

long eft_sys_tkill(int tid, int signal)
{
	struct eft_siginfo info = from_user(signal, SI_TKILL);

	return tid <= 0 ? -EINVAL : send_to_task(tid, &info);
}

long eft_sys_tgkill(int pid, int tid, int signal)
{
	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	return pid == eft_process()->identity.pid ? eft_sys_tkill(tid, signal)
						  : -ESRCH;
}

/* The caller gives the details: what it says of itself is its own matter. */
long eft_sys_rt_sigqueueinfo(int pid, int signal,
			     const struct eft_siginfo eft_user *info)
{
	struct eft_siginfo copy;

	if (eft_get_user(&copy, info) != 0)
		return -EFAULT;
	copy.signal = signal;
	return pid == eft_process()->identity.pid ? send_to_process(&copy)
						  : -ESRCH;
}

long eft_sys_rt_tgsigqueueinfo(int pid, int tid, int signal,
			       const struct eft_siginfo eft_user *info)
{
	struct eft_siginfo copy;

	if (eft_get_user(&copy, info) != 0)
		return -EFAULT;
	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	copy.signal = signal;
	return pid == eft_process()->identity.pid ? send_to_task(tid, &copy)
						  : -ESRCH;
}

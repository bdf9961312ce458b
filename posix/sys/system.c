// SPDX-License-Identifier: BSD-3-Clause
/*
 * Facts about the system: its name, its memory, its limits.
 */
#include "core/boot.h"
#include "core/lib.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/random.h"
#include "core/user.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"
#include "posix/time/time.h"

eft_needs(eft_task_current);

/* uname(2), sysinfo(2): Linux's layouts. */
enum { UTS_LEN = 65 };

struct eft_utsname {
	char sysname[UTS_LEN], nodename[UTS_LEN], release[UTS_LEN];
	char version[UTS_LEN], machine[UTS_LEN], domain[UTS_LEN];
};

struct eft_sysinfo {
	int64_t uptime;
	uint64_t loads[3], total_ram, free_ram, shared_ram, buffer_ram;
	uint64_t total_swap, free_swap;
	uint16_t processes, pad;
	uint64_t total_high, free_high;
	uint32_t unit;
};

/*
 * The release is the version of Linux whose interface this is, so that
 * programs which ask for one find it; the version says who answers.
 */
long eft_sys_uname(struct eft_utsname eft_user *ret_name)
{
	const char *host = eft_options.hostname ? eft_options.hostname : "eft";
	struct eft_utsname name = {0};

	eft_strlcpy(name.sysname, "Linux", UTS_LEN);
	eft_strlcpy(name.nodename, host, UTS_LEN);
	eft_strlcpy(name.release, "6.1.0-eft", UTS_LEN);
	eft_snprintf(name.version, UTS_LEN, "Eft, as a %s",
		     eft_platform_name());
	eft_strlcpy(name.machine, "x86_64", UTS_LEN);
	eft_strlcpy(name.domain, "(none)", UTS_LEN);
	return eft_put_user(ret_name, &name);
}

long eft_sys_sysinfo(struct eft_sysinfo eft_user *ret_info)
{
	struct eft_range_stats range;
	struct eft_sysinfo info;

	eft_range_stats(&range);
	info = (struct eft_sysinfo){
		.uptime = eft_now_ns() / EFT_NS_PER_SECOND,
		.total_ram = range.limit,
		.free_ram = range.limit - eft_min(range.limit, range.committed),
		.processes = eft_process()->tasks->others + 1,
		.unit = 1,
	};
	return eft_put_user(ret_info, &info);
}

long eft_sys_getrandom(void eft_user *buf, size_t size, unsigned flags)
{
	const unsigned nonblock = 1, either = 2 | 4; /* RANDOM, INSECURE */
	size_t done;

	if (flags & ~(nonblock | either) || (flags & either) == either)
		return -EINVAL;
	size = eft_min(size, INT32_MAX);
	done = eft_random_out(buf, size);
	return done > 0 || size == 0 ? (long)done : -EFAULT;
}

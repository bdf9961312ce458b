// SPDX-License-Identifier: BSD-3-Clause
/*
 * Facts about the system: its name, its memory, its limits.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/random.h"
#include "posix/syscalls.h"
#include "posix/time.h"

/* uname(2), sysinfo(2), getrusage(2), times(2): Linux's layouts. */
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

struct eft_rusage {
	struct eft_timeval user, system;
	int64_t max_rss, counts[13];
};

struct eft_tms {
	int64_t user, system, child_user, child_system;
};

/*
 * The release is the version of Linux whose interface this is, so that
 * programs which ask for one find it; the version says who answers.
 */
long eft_sys_uname(struct eft_utsname *name)
{
	const char *host = eft_options.hostname ? eft_options.hostname : "eft";

	memset(name, 0, sizeof(*name));
	eft_strlcpy(name->sysname, "Linux", UTS_LEN);
	eft_strlcpy(name->nodename, host, UTS_LEN);
	eft_strlcpy(name->release, "6.1.0-eft", UTS_LEN);
	eft_strlcpy(name->version, "Eft, as a ", UTS_LEN);
	eft_strlcpy(name->version + eft_strlen(name->version),
		    eft_platform_name(), UTS_LEN - sizeof("Eft, as a "));
	eft_strlcpy(name->machine, "x86_64", UTS_LEN);
	eft_strlcpy(name->domain, "(none)", UTS_LEN);
	return 0;
}

long eft_sys_sysinfo(struct eft_sysinfo *info)
{
	struct eft_range_stats range;

	eft_range_stats(&range);
	*info = (struct eft_sysinfo){
		.uptime = eft_now_ns() / EFT_NS_PER_SECOND,
		.total_ram = range.limit,
		.free_ram = range.limit - eft_min(range.limit, range.committed),
		.processes = 1,
		.unit = 1,
	};
	return 0;
}

long eft_sys_getrandom(void *buf, size_t size, unsigned flags)
{
	if (flags & ~7u) /* GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE */
		return -EINVAL;
	size = eft_min(size, INT32_MAX);
	eft_random(buf, size);
	return size;
}

static struct eft_timeval to_timeval(uint64_t ns)
{
	return (struct eft_timeval){.sec = ns / EFT_NS_PER_SECOND,
				    .usec = ns % EFT_NS_PER_SECOND / 1000};
}

/* All time is the user's: a system call is a call of a function. */
long eft_sys_getrusage(int who, struct eft_rusage *usage)
{
	struct eft_range_stats range;

	if (who < -1 || who > 1) /* RUSAGE_CHILDREN, SELF, THREAD */
		return -EINVAL;
	memset(usage, 0, sizeof(*usage));
	if (who == -1)
		return 0;
	eft_range_stats(&range);
	usage->user = to_timeval(eft_cpu_time_ns());
	usage->max_rss = range.committed / 1024;
	return 0;
}

/* In clock ticks of 1/100 s, as AT_CLKTCK says. */
long eft_sys_times(struct eft_tms *tms)
{
	const uint64_t tick = EFT_NS_PER_SECOND / 100;

	if (tms != NULL)
		*tms = (struct eft_tms){.user = eft_cpu_time_ns() / tick};
	return eft_now_ns() / tick;
}

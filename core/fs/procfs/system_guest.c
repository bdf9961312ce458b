// SPDX-License-Identifier: BSD-3-Clause
/*
 * The texts of /proc about the whole system, where that is ours: in the tree
 * of a guest. Formats: Linux, proc(5). What is not known is left out or 0.
 */
#include "core/boot.h"
#include "core/fs/procfs/proc.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/time.h"
#include "core/vfs/root.h"

static void generate_meminfo(struct eft_text *text)
{
	struct eft_page_stats pages;
	uint64_t free;

	eft_page_stats(&pages);
	free = pages.free * (EFT_PAGE_SIZE / 1024);
	eft_text_printf(text,
			"MemTotal:       %8lu kB\nMemFree:        %8lu kB\n"
			"MemAvailable:   %8lu kB\nBuffers:               0 kB\n"
			"Cached:                0 kB\n"
			"SwapCached:            0 kB\n"
			"SwapTotal:             0 kB\n"
			"SwapFree:              0 kB\n",
			pages.total * (EFT_PAGE_SIZE / 1024), free, free);
}

static unsigned cpu_count(void)
{
	return (unsigned)eft_max(eft_options.cpus, 1);
}

static void generate_cpuinfo(struct eft_text *text)
{
	for (unsigned i = 0; i < cpu_count(); i++)
		eft_text_printf(text, "processor\t: %u\n\n", i);
}

static void generate_uptime(struct eft_text *text)
{
	uint64_t hundredths = eft_now_ns() / 10000000;

	eft_text_printf(text, "%lu.%02lu 0.00\n", hundredths / 100,
			hundredths % 100);
}

static void generate_version(struct eft_text *text)
{
	eft_text_printf(text, "Linux version 6.1.0-eft (eft) Eft, as a %s\n",
			eft_plat->name);
}

/* Only images that mount have them. */
#pragma weak eft_proc_list_mounts
#pragma weak eft_proc_list_mountinfo

void eft_proc_mounts(struct eft_text *text)
{
	if (eft_proc_list_mounts != NULL)
		eft_proc_list_mounts(text);
	else
		eft_text_printf(text, "rootfs / tmpfs rw,relatime 0 0\n"
				      "proc /proc proc rw,relatime 0 0\n");
}

void eft_proc_mountinfo(struct eft_text *text)
{
	if (eft_proc_list_mountinfo != NULL)
		eft_proc_list_mountinfo(text);
	else
		eft_text_printf(text,
				"1 1 0:1 / / rw,relatime - tmpfs rootfs rw\n"
				"2 1 0:2 / /proc rw,relatime - proc proc rw\n");
}

static void generate_filesystems(struct eft_text *text)
{
	eft_text_printf(text, "nodev\ttmpfs\nnodev\tproc\n");
}

static void generate_loadavg(struct eft_text *text)
{
	eft_text_printf(text, "0.00 0.00 0.00 1/1 %d\n",
			eft_process()->identity.pid);
}

static void generate_stat(struct eft_text *text)
{
	uint64_t used = eft_cpu_time_ns() / (1000000000 / 100);

	eft_text_printf(text, "cpu  %lu 0 0 0 0 0 0 0 0 0\n", used);
	for (unsigned i = 0; i < cpu_count(); i++)
		eft_text_printf(text, "cpu%u 0 0 0 0 0 0 0 0 0 0\n", i);
	eft_text_printf(text, "btime %lu\nprocesses 1\nprocs_running 1\n",
			(eft_realtime_ns() - eft_now_ns()) / 1000000000);
}

static const struct eft_proc_entry entries[] = {
	{"cpuinfo", generate_cpuinfo, NULL},
	{"filesystems", generate_filesystems, NULL},
	{"loadavg", generate_loadavg, NULL},
	{"meminfo", generate_meminfo, NULL},
	{"mounts", eft_proc_mounts, NULL},
	{"stat", generate_stat, NULL},
	{"uptime", generate_uptime, NULL},
	{"version", generate_version, NULL},
};

int eft_proc_guest_init_now(void)
{
	return eft_proc_add("", entries, eft_array_size(entries));
}

/* core/net/inet/etc.c has another. */
int eft_proc_guest_init(void)
	__attribute__((weak, alias("eft_proc_guest_init_now")));

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files of /proc/self that are about the system around the process: the host's
 * own, or what is true of a guest; what is mounted, where the root is ours.
 */
#include "core/dev/host.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/fs/procfs/proc.h"
#include "core/vfs/root.h"

int eft_proc_host_open(const char *name, int flags, struct eft_file **ret_file)
{
	char path[32];
	int handle;

	eft_snprintf(path, sizeof(path), "/proc/self/%s", name);
	handle = eft_plat_host_paths()->open(EFT_HOST_CWD, path, flags, 0);
	return handle < 0 ? handle
			  : eft_hostfile_create(handle, flags, &eft_hostfs,
						ret_file);
}

static void generate_cgroup(struct eft_text *text)
{
	eft_text_printf(text, "0::/\n");
}

static void generate_io(struct eft_text *text)
{
	eft_text_printf(text, "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\n"
			      "read_bytes: 0\nwrite_bytes: 0\n"
			      "cancelled_write_bytes: 0\n");
}

/* Nobody ends a guest's only process for want of memory. */
static void generate_score(struct eft_text *text)
{
	eft_text_printf(text, "0\n");
}

static int oom_adjustment; /* -1000 to 1000; atomic */

static void generate_adjustment(struct eft_text *text)
{
	eft_text_printf(text, "%d\n",
			__atomic_load_n(&oom_adjustment, __ATOMIC_RELAXED));
}

static ssize_t set_adjustment(int tid, const char *text, size_t len)
{
	bool negative = len > 0 && text[0] == '-';
	size_t digits = 0;
	int value;

	text += negative;
	while (digits + negative < len && text[digits] >= '0' &&
	       text[digits] <= '9')
		digits++;
	value = eft_proc_parse_number(text, digits);
	if (value < 0 || value > 1000 ||
	    (digits + negative < len && text[digits] != '\n'))
		return -EINVAL;
	__atomic_store_n(&oom_adjustment, negative ? -value : value,
			 __ATOMIC_RELAXED);
	return (ssize_t)len;
}

static const struct eft_proc_entry entries[] = {
	{"cgroup", generate_cgroup, NULL},
	{"io", generate_io, NULL},
	{"oom_score", generate_score, NULL},
	{"oom_score_adj", generate_adjustment, set_adjustment},
	{"mountinfo", eft_proc_mountinfo, NULL}, /* as the root is: */
	{"mounts", eft_proc_mounts, NULL},
};
enum { ABOUT_THE_ROOT = 2 }; /* the last of them */

int eft_proc_host_init(const char *self)
{
	size_t count = eft_array_size(entries), hosts = count;
	int error = 0;

	if (!eft_root_is_host)
		hosts -= ABOUT_THE_ROOT;
	if (eft_plat_host_paths() == NULL)
		hosts = 0;
	for (size_t i = 0; i < count && error == 0; i++)
		error = eft_proc_add_node(
			self, entries[i].name,
			eft_proc_text_create(&entries[i],
					     i < hosts ? EFT_PROC_HOSTS : 0));
	return error;
}

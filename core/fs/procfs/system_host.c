// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files of /proc/self that are about the system around the process: the host's
 * own, where its root is the program's; else what is true of a guest.
 */
#include "core/dev/host.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/fs/procfs/proc.h"
#include "core/vfs/root.h"

struct host_node {
	struct eft_node node;
	const char *name; /* below /proc/self */
};

static int host_open(struct eft_node *node, struct eft_dentry *dentry,
		     int flags, struct eft_file **ret_file)
{
	const char *name = eft_container_of(node, struct host_node, node)->name;
	char path[32];
	int handle;

	eft_snprintf(path, sizeof(path), "/proc/self/%s", name);
	handle = eft_plat_host_paths()->open(EFT_HOST_CWD, path, flags, 0);
	return handle < 0 ? handle
			  : eft_hostfile_create(handle, flags, &eft_hostfs,
						ret_file);
}

static void host_release(struct eft_node *node)
{
	eft_free(eft_container_of(node, struct host_node, node));
}

static const struct eft_node_type host_type = {
	.open = host_open,
	.release = host_release,
};

static struct eft_node *host_node_create(const char *name, unsigned mode)
{
	struct host_node *hn = eft_alloc(sizeof(*hn));

	if (hn == NULL)
		return NULL;
	eft_node_init(&hn->node, &host_type, S_IFREG | mode);
	hn->name = name;
	return &hn->node;
}

static void generate_mountinfo(struct eft_text *text)
{
	eft_text_printf(text, "1 1 0:1 / / rw - tmpfs rootfs rw\n"
			      "2 1 0:1 / /proc ro - proc proc ro\n");
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
	{"mountinfo", generate_mountinfo, NULL},
	{"mounts", eft_proc_mounts, NULL},
	{"oom_score", generate_score, NULL},
	{"oom_score_adj", generate_adjustment, set_adjustment},
};

int eft_proc_host_init(const char *self)
{
	char path[48];
	int error = 0;

	if (eft_plat_host_paths() == NULL)
		return eft_proc_add(self, entries, eft_array_size(entries));
	for (size_t i = 0; i < eft_array_size(entries) && error == 0; i++) {
		struct eft_node *node = host_node_create(
			entries[i].name, entries[i].write ? 0644 : 0444);

		eft_snprintf(path, sizeof(path), "%s/%s", self,
			     entries[i].name);
		error = node != NULL ? eft_tree_add(path, node) : -ENOMEM;
	}
	return error;
}

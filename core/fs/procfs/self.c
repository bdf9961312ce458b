// SPDX-License-Identifier: BSD-3-Clause
/*
 * The texts of /proc/self. Formats: Linux, Documentation/filesystems/proc.rst
 * and proc(5). A number that the libOS does not keep is 0.
 */
#include "core/boot.h"
#include "core/fs/procfs/proc.h"
#include "core/options.h"
#include "core/process.h"
/* All (words), each with its NUL. */
static void append_all(struct eft_text *text, char **words)
{
	for (; *words != NULL; words++)
		eft_text_append(text, *words, eft_strlen(*words) + 1);
}

static void generate_cmdline(struct eft_text *text)
{
	append_all(text, eft_options.argv);
}

static void generate_environ(struct eft_text *text)
{
	append_all(text, eft_options.envp);
}

/* The vector lies on the program's first stack, behind the environment. */
static void generate_auxv(struct eft_text *text)
{
	const uintptr_t *pair = eft_process()->auxv, *end = pair;

	do
		end += 2;
	while (end[-2] != 0);
	eft_text_append(text, pair, (size_t)(end - pair) * sizeof(*pair));
}

/* Names and units, in the order of the numbers (Linux, fs/proc/base.c). */
static const char limit_names[] =
	"cpu time\0seconds\0file size\0bytes\0data size\0bytes\0"
	"stack size\0bytes\0core file size\0bytes\0resident set\0bytes\0"
	"processes\0processes\0open files\0files\0locked memory\0bytes\0"
	"address space\0bytes\0file locks\0locks\0pending signals\0signals\0"
	"msgqueue size\0bytes\0nice priority\0\0realtime priority\0\0"
	"realtime timeout\0us\0";

/* Absent from an image that asks for no limits. */
extern __typeof__(eft_proc_limit) eft_proc_limit eft_weak;

enum { RLIMIT_STACK = 3, RLIMIT_NOFILE = 7 };

static void put_limit(struct eft_text *text, uint64_t limit)
{
	if (limit == UINT64_MAX)
		eft_text_printf(text, "%-20s ", "unlimited");
	else
		eft_text_printf(text, "%-20lu ", limit);
}

static void find_limit(int resource, uint64_t *ret_soft, uint64_t *ret_hard)
{
	uint64_t limit[2] = {UINT64_MAX, UINT64_MAX};

	if (eft_proc_limit != NULL) {
		eft_proc_limit(resource, ret_soft, ret_hard);
		return;
	}
	if (resource == RLIMIT_STACK)
		limit[0] = 8 << 20; /* core/boot/program.c */
	eft_caller_limit(resource, limit);
	if (resource == RLIMIT_NOFILE)
		limit[0] = (uint64_t)eft_fd_limit(-1);
	*ret_soft = limit[0];
	*ret_hard = limit[1];
}

static void generate_limits(struct eft_text *text)
{
	const char *name = limit_names;

	eft_text_printf(text, "%-25s %-20s %-20s %-10s\n", "Limit",
			"Soft Limit", "Hard Limit", "Units");
	for (int resource = 0; *name != '\0'; resource++) {
		const char *unit = name + eft_strlen(name) + 1;
		uint64_t soft, hard;

		find_limit(resource, &soft, &hard);
		eft_text_printf(text, "Max %-21s ", name);
		put_limit(text, soft);
		put_limit(text, hard);
		eft_text_printf(text, "%-10s\n", unit);
		name = unit + eft_strlen(unit) + 1;
	}
}

const struct eft_proc_entry eft_proc_self_entries[] = {
	{"auxv", generate_auxv, NULL},
	{"cmdline", generate_cmdline, NULL},
	{"comm", eft_proc_comm, eft_proc_set_comm},
	{"environ", generate_environ, NULL},
	{"limits", generate_limits, NULL},
	{"maps", eft_proc_maps, NULL},
	{"smaps", eft_proc_smaps, NULL},
	{"stat", eft_proc_stat, NULL},
	{"statm", eft_proc_statm, NULL},
	{"status", eft_proc_status, NULL},
};
const size_t eft_proc_self_count = eft_array_size(eft_proc_self_entries);

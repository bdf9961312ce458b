// SPDX-License-Identifier: BSD-3-Clause
/*
 * The texts of /proc/self. Formats: Linux, Documentation/filesystems/proc.rst
 * and proc(5). A number that the libOS does not keep is 0.
 */
#include "core/arch/x86_64/image.h"
#include "core/boot.h"
#include "core/file/proc.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/time.h"

enum { TICKS_PER_SECOND = 100 };

/* The program's name: the last component of argv[0], 15 bytes at most. */
static const char *program_name(size_t *ret_len)
{
	const char *name = eft_program_name();

	for (const char *s = name; *s != '\0'; s++) {
		if (*s == '/' && s[1] != '\0')
			name = s + 1;
	}
	*ret_len = eft_strnlen(name, 15);
	return name;
}

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

struct sizes { /* pages */
	uint64_t text, data, stack, total;
};

static uint64_t pages_between(const char *start, const char *end)
{
	return (uint64_t)(end - start) / EFT_PAGE_SIZE;
}

static void measure(struct sizes *ret_sizes)
{
	struct sizes sizes = {
		.text = pages_between(eft_image_text, eft_image_text_end),
		.data = pages_between(eft_image_data, eft_image_end),
		.total = pages_between(eft_image_start, eft_image_end),
	};
	struct eft_range range;

	for (uintptr_t at = 0; eft_range_next(at, &range); at = range.end) {
		uint64_t pages = (range.end - range.start) / EFT_PAGE_SIZE;

		eft_file_put(range.file);
		sizes.total += pages;
		if (range.flags & EFT_RANGE_STACK)
			sizes.stack += pages;
		else if (range.prot & EFT_PROT_WRITE)
			sizes.data += pages;
	}
	*ret_sizes = sizes;
}

static void generate_statm(struct eft_text *text)
{
	struct sizes sizes;

	measure(&sizes);
	eft_text_printf(text, "%lu %lu 0 %lu 0 %lu 0\n", sizes.total,
			sizes.total, sizes.text, sizes.data + sizes.stack);
}

void eft_proc_status(struct eft_text *text)
{
	struct eft_proc_thread thread;
	struct sizes sizes;

	text->error = eft_proc_thread(text->tid, &thread);
	if (text->error < 0)
		return;
	measure(&sizes);
	eft_text_printf(text, "Name:\t%s\nUmask:\t%04o\nState:\t%s\n",
			thread.comm, eft_umask(-1),
			thread.sleeps ? "S (sleeping)" : "R (running)");
	eft_text_printf(text, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\n",
			eft_identity.pid, thread.tid, eft_identity.ppid);
	eft_text_printf(text, "TracerPid:\t0\nUid:\t%u\t%u\t%u\t%u\n",
			eft_identity.uid, eft_identity.euid, eft_identity.suid,
			eft_identity.euid);
	eft_text_printf(text, "Gid:\t%u\t%u\t%u\t%u\nFDSize:\t%d\nGroups:\t\n",
			eft_identity.gid, eft_identity.egid, eft_identity.sgid,
			eft_identity.egid, eft_fd_limit(-1));
	eft_text_printf(text, "VmSize:\t%8lu kB\nVmRSS:\t%8lu kB\n",
			sizes.total * 4, sizes.total * 4);
	eft_text_printf(text, "VmData:\t%8lu kB\nVmStk:\t%8lu kB\n",
			sizes.data * 4, sizes.stack * 4);
	eft_text_printf(text, "VmExe:\t%8lu kB\nVmLib:\t%8u kB\nThreads:\t%u\n",
			sizes.text * 4, 0u, thread.count);
}

/* 52 fields; those that are 0 for lack of knowledge are written in groups. */
void eft_proc_stat(struct eft_text *text)
{
	struct eft_proc_thread thread;
	struct sizes sizes;

	text->error = eft_proc_thread(text->tid, &thread);
	if (text->error < 0)
		return;
	measure(&sizes);
	/* 1 to 13: pid to cmajflt */
	eft_text_printf(text, "%d (%s) %c %d %d %d 0 -1 0 0 0 0 0 ", thread.tid,
			thread.comm, thread.sleeps ? 'S' : 'R',
			eft_identity.ppid, eft_identity.pid, eft_identity.pid);
	/* 14 to 22: utime to starttime */
	eft_text_printf(text, "%lu 0 0 0 20 0 %u 0 0 ",
			thread.cpu_ns / (1000000000 / TICKS_PER_SECOND),
			thread.count);
	/* 23 to 28: vsize to startstack */
	eft_text_printf(text, "%lu %lu 18446744073709551615 %lu %lu 0 ",
			sizes.total * EFT_PAGE_SIZE, sizes.total,
			(uintptr_t)eft_image_text,
			(uintptr_t)eft_image_text_end);
	/* 29 to 52: kstkesp to exit_code; 38 is exit_signal, SIGCHLD */
	eft_text_printf(text, "0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 "
			      "0\n");
}

/* One line of maps; (name) begins at column 74, as on Linux. */
static void put_mapping(struct eft_text *text, const struct eft_range *range,
			const char *name, size_t name_len)
{
	struct eft_stat st = {.dev = 0};
	char line[128];
	size_t len;

	if (range->file != NULL)
		range->file->ops->stat(range->file, &st);
	len = eft_snprintf(
		line, sizeof(line), "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ",
		range->start, range->end,
		range->prot & EFT_PROT_READ ? 'r' : '-',
		range->prot & EFT_PROT_WRITE ? 'w' : '-',
		range->prot & EFT_PROT_EXEC ? 'x' : '-',
		range->flags & EFT_RANGE_SHARED ? 's' : 'p',
		(uint64_t)range->offset, (unsigned)(st.dev >> 8 & 0xfff),
		(unsigned)(st.dev & 0xff), st.ino);
	if (name_len > 0)
		eft_text_printf(text, "%-73s", line);
	else
		eft_text_append(text, line, len);
	eft_text_append(text, name, name_len);
	eft_text_append(text, "\n", 1);
}

static void put_image(struct eft_text *text, const char *name, size_t name_len)
{
	const struct eft_range parts[] = {
		{.start = (uintptr_t)eft_image_start,
		 .end = (uintptr_t)eft_image_text,
		 .prot = EFT_PROT_READ},
		{.start = (uintptr_t)eft_image_text,
		 .end = (uintptr_t)eft_image_text_end,
		 .prot = EFT_PROT_READ | EFT_PROT_EXEC},
		{.start = (uintptr_t)eft_image_rodata,
		 .end = (uintptr_t)eft_image_rodata_end,
		 .prot = EFT_PROT_READ},
		{.start = (uintptr_t)eft_image_data,
		 .end = (uintptr_t)eft_image_end,
		 .prot = EFT_PROT_READ | EFT_PROT_WRITE},
	};

	for (size_t i = 0; i < eft_array_size(parts); i++) {
		if (parts[i].start < parts[i].end)
			put_mapping(text, &parts[i], name, name_len);
	}
}

/* What the mapping is called; a file's path goes to (buf). */
static const char *name_mapping(const struct eft_range *range, char *buf,
				size_t size, size_t *ret_len)
{
	const char *name = "";
	ssize_t len;

	if (range->file != NULL) {
		len = eft_file_path(range->file, buf, size);
		*ret_len = len > 0 ? (size_t)len : 0;
		return buf;
	}
	if (range->flags & EFT_RANGE_STACK)
		name = "[stack]";
	else if (range->flags & EFT_RANGE_HEAP)
		name = "[heap]";
	*ret_len = eft_strlen(name);
	return name;
}

static void generate_maps(struct eft_text *text)
{
	char *buf = eft_alloc(PATH_MAX);
	struct eft_range range;
	const char *name;
	size_t len;

	if (buf == NULL) {
		text->error = -ENOMEM;
		return;
	}
	name = program_name(&len);
	put_image(text, name, len);
	for (uintptr_t at = 0; eft_range_next(at, &range); at = range.end) {
		name = name_mapping(&range, buf, PATH_MAX, &len);
		put_mapping(text, &range, name, len);
		eft_file_put(range.file);
	}
	eft_free(buf);
}

static void generate_limits(struct eft_text *text)
{
	eft_text_printf(text, "%-25s %-20s %-20s %-10s\n", "Limit",
			"Soft Limit", "Hard Limit", "Units");
	eft_text_printf(text, "%-25s %-20d %-20d %-10s\n", "Max open files",
			eft_fd_limit(-1), 65536, "files");
}

const struct eft_proc_entry eft_proc_self_entries[] = {
	{"cmdline", generate_cmdline, NULL},
	{"comm", eft_proc_comm, eft_proc_set_comm},
	{"environ", generate_environ, NULL},
	{"limits", generate_limits, NULL},
	{"maps", generate_maps, NULL},
	{"stat", eft_proc_stat, NULL},
	{"statm", generate_statm, NULL},
	{"status", eft_proc_status, NULL},
};
const size_t eft_proc_self_count = eft_array_size(eft_proc_self_entries);

// SPDX-License-Identifier: BSD-3-Clause
/*
 * What /proc says of a process and of its threads: stat, statm, status. All of
 * its memory counts as resident.
 */
#include "core/arch/x86_64/image.h"
#include "core/boot.h"
#include "core/fs/procfs/proc.h"
#include "core/options.h"
#include "core/process.h"
#include "core/time.h"

enum { TICKS_PER_SECOND = 100 };

struct sizes { /* pages */
	uint64_t text, data, stack, locked, files, anonymous, total;
	uint64_t none; /* 0: of what there is none */
};

static uint64_t pages_between(const char *start, const char *end)
{
	return (uint64_t)(end - start) / EFT_PAGE_SIZE;
}

static void measure(struct sizes *ret_sizes)
{
	struct eft_range range;

	*ret_sizes = (struct sizes){
		.text = pages_between(eft_image_text, eft_image_text_end),
		.data = pages_between(eft_image_data, eft_image_end),
		.total = pages_between(eft_image_start, eft_image_end),
	};
	for (uintptr_t at = 0; eft_range_next(at, &range); at = range.end) {
		uint64_t pages = (range.end - range.start) / EFT_PAGE_SIZE;

		eft_file_put(range.file);
		ret_sizes->total += pages;
		if (range.flags & EFT_RANGE_LOCKED)
			ret_sizes->locked += pages;
		if (range.file != NULL && !(range.flags & EFT_RANGE_COPY))
			ret_sizes->files += pages;
		if (range.flags & EFT_RANGE_STACK)
			ret_sizes->stack += pages;
		else if (range.prot & EFT_PROT_WRITE)
			ret_sizes->data += pages;
	}
	ret_sizes->anonymous = ret_sizes->total - ret_sizes->files;
}

void eft_proc_statm(struct eft_text *text)
{
	struct sizes sizes;

	measure(&sizes);
	eft_text_printf(text, "%lu %lu 0 %lu 0 %lu 0\n", sizes.total,
			sizes.total, sizes.text, sizes.data + sizes.stack);
}

/* Signals are posix's; an image without has none that could wait. */
extern __typeof__(eft_proc_signals) eft_proc_signals eft_weak;

static void put_identity(struct eft_text *text,
			 const struct eft_proc_thread *thread)
{
	const struct eft_identity *id = &eft_process()->identity;

	eft_text_printf(text,
			"Name:\t%s\nUmask:\t%04o\nState:\t%s\nTgid:\t%d\n"
			"Ngid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n",
			thread->comm, eft_umask(-1),
			thread->sleeps ? "S (sleeping)" : "R (running)",
			id->pid, thread->tid, id->ppid);
	eft_text_printf(text,
			"Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n"
			"FDSize:\t%d\nGroups:\t \nNStgid:\t%d\n"
			"NSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n",
			id->uid, id->euid, id->suid, id->euid, id->gid,
			id->egid, id->sgid, id->egid, eft_fd_table_size(),
			id->pid, thread->tid, id->pid, id->pid);
}

static void put_sizes(struct eft_text *text)
{
	static const struct {
		char name[9];
		uint8_t offset; /* in struct sizes */
	} lines[] = {
		{"VmPeak", offsetof(struct sizes, total)},
		{"VmSize", offsetof(struct sizes, total)},
		{"VmLck", offsetof(struct sizes, locked)},
		{"VmPin", offsetof(struct sizes, none)},
		{"VmHWM", offsetof(struct sizes, total)},
		{"VmRSS", offsetof(struct sizes, total)},
		{"RssAnon", offsetof(struct sizes, anonymous)},
		{"RssFile", offsetof(struct sizes, files)},
		{"RssShmem", offsetof(struct sizes, none)},
		{"VmData", offsetof(struct sizes, data)},
		{"VmStk", offsetof(struct sizes, stack)},
		{"VmExe", offsetof(struct sizes, text)},
		{"VmLib", offsetof(struct sizes, none)},
		{"VmPTE", offsetof(struct sizes, none)},
		{"VmSwap", offsetof(struct sizes, none)},
	};
	struct sizes sizes;

	measure(&sizes);
	for (size_t i = 0; i < eft_array_size(lines); i++) {
		uint64_t pages = *(const uint64_t *)((const char *)&sizes +
						     lines[i].offset);

		eft_text_printf(text, "%s:\t%8lu kB\n", lines[i].name,
				pages * (EFT_PAGE_SIZE / 1024));
	}
}

static void put_signals(struct eft_text *text,
			const struct eft_proc_thread *thread)
{
	struct eft_proc_signals signals = {.room = 0};

	if (eft_proc_signals != NULL)
		eft_proc_signals(thread->tid, &signals);
	eft_text_printf(text,
			"Threads:\t%u\nSigQ:\t%u/%u\nSigPnd:\t%016lx\n"
			"ShdPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\n"
			"SigCgt:\t%016lx\n",
			thread->count, signals.queued, signals.room,
			signals.pending, signals.shared, signals.blocked,
			signals.ignored, signals.caught);
}

/* What the user root may do, and nobody else: all of Linux 6.1's. */
#define ALL_CAPABILITIES 0x1fffffffffful

static void put_rights(struct eft_text *text)
{
	unsigned cpus = (unsigned)eft_max(eft_options.cpus, 1);
	uint64_t may = eft_process()->identity.euid == 0 ? ALL_CAPABILITIES : 0;
	eft_text_printf(text,
			"CapInh:\t%016x\nCapPrm:\t%016lx\nCapEff:\t%016lx\n"
			"CapBnd:\t%016lx\nCapAmb:\t%016x\nNoNewPrivs:\t0\n"
			"Seccomp:\t0\nCpus_allowed:\t%lx\n"
			"Cpus_allowed_list:\t0",
			0, may, may, ALL_CAPABILITIES, 0, (1ul << cpus) - 1);
	if (cpus > 1)
		eft_text_printf(text, "-%u", cpus - 1);
	eft_text_printf(text, "\nMems_allowed:\t1\nMems_allowed_list:\t0\n"
			      "voluntary_ctxt_switches:\t0\n"
			      "nonvoluntary_ctxt_switches:\t0\n");
}

void eft_proc_status(struct eft_text *text)
{
	struct eft_proc_thread thread;

	text->error = eft_proc_thread(text->tid, &thread);
	if (text->error < 0)
		return;
	put_identity(text, &thread);
	put_sizes(text);
	put_signals(text, &thread);
	put_rights(text);
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
			eft_process()->identity.ppid,
			eft_process()->identity.pid,
			eft_process()->identity.pid);
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

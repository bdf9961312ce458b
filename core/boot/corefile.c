// SPDX-License-Identifier: BSD-3-Clause
/*
 * A core file as Linux and gdb know it (System V gABI, chapters 4 and 5; Linux
 * include/linux/elfcore.h): one note for each thread of the program, and its
 * memory. Written in one go, past the heap and all locks: the end may have come
 * anywhere, and who holds a lock has been stopped.
 */
#include "core/corefile.h"
#include "core/abi.h"
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/cpu.h"
#include "core/arch/x86_64/image.h"
#include "core/arch/x86_64/switch.h"
#include "core/dev/corefile.h"
#include "core/log.h"
#include "core/mem/range.h"
#include "core/plat.h"
#include "core/thread.h"
#include "core/trap.h"

/* A program of one thread has no list of them. */
#pragma weak eft_threads_next_locked

enum { ET_CORE = 4, EM_X86_64 = 62, PT_LOAD = 1, PT_NOTE = 4, NT_PRSTATUS = 1 };

struct program_header {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct note_header {
	uint32_t name_bytes, bytes, type;
	char name[8];
};

/* Where struct user_regs_struct (arch/x86/include/asm/user_64.h) has them. */
enum {
	RBP = 4,
	RBX = 5,
	RIP = 16,
	RFLAGS = 18,
	RSP = 19,
	FS_BASE = 21,
	GS_BASE = 22,
	REGISTERS = 27,
};

/* struct elf_prstatus */
struct status {
	int info[3];
	uint16_t signal;
	uint64_t pending, held;
	int id, parent, group, session;
	uint64_t times[8];
	uint64_t registers[REGISTERS];
	uint64_t has_floats;
};

_Static_assert(sizeof(struct status) == 336, "elf_prstatus of x86-64");

const char *eft_corefile_path;

/* As Linux has it (signal(7), "Core"). */
static const uint64_t core_signals =
	1ul << SIGQUIT | 1ul << SIGILL | 1ul << SIGTRAP | 1ul << SIGABRT |
	1ul << SIGBUS | 1ul << SIGFPE | 1ul << SIGSEGV;

static const struct eft_corefile *host;
static struct {
	int signal;
	struct eft_switch_frame here; /* as if the caller had switched away */
	uintptr_t here_rsp;
	unsigned segments, threads;
	uint64_t at;	 /* where the next write goes */
	uint64_t memory; /* where the next segment's memory goes */
} core;

/* The descriptor of who listens, or -1; (*ret_path) is what else there is. */
static int listener(const char **ret_path)
{
	const char *s = eft_corefile_path;
	int fd = 0;

	*ret_path = s;
	if (s == NULL || *s++ != '|')
		return -1;
	for (; *s >= '0' && *s <= '9'; s++)
		fd = fd * 10 + *s - '0';
	*ret_path = *s == ',' ? s + 1 : NULL;
	return fd;
}

bool eft_corefile_owns(int fd)
{
	const char *path;
	int to = listener(&path);

	return to >= 0 && (fd == to || fd == to + 1);
}

static void put(const void *buf, size_t len)
{
	host->write(core.at, buf, len);
	core.at += len;
}

static void each_segment(void (*visit)(uintptr_t start, uintptr_t end,
				       int prot))
{
	const struct eft_range *range;
	uintptr_t start, end;

	visit((uintptr_t)eft_image_start, (uintptr_t)eft_image_text_end,
	      EFT_PROT_READ | EFT_PROT_EXEC);
	visit((uintptr_t)eft_image_rodata, (uintptr_t)eft_image_rodata_end,
	      EFT_PROT_READ);
	visit((uintptr_t)eft_image_data, (uintptr_t)eft_image_end,
	      EFT_PROT_READ | EFT_PROT_WRITE);
	for (unsigned i = 0; eft_page_zone(i, &start, &end); i++)
		visit(start, end, EFT_PROT_READ | EFT_PROT_WRITE);
	for (range = eft_range_after(eft_space(), 0); range != NULL;
	     range = eft_range_after(eft_space(), range->end)) {
		if (range->prot & EFT_PROT_READ)
			visit(range->start, range->end, range->prot);
	}
}

static void count_segment(uintptr_t start, uintptr_t end, int prot)
{
	core.segments++;
	core.memory += end - start;
}

static void put_header(uintptr_t start, uintptr_t end, int prot)
{
	struct program_header header = {
		.type = PT_LOAD,
		.flags = (prot & EFT_PROT_READ ? 4 : 0) |
			 (prot & EFT_PROT_WRITE) |
			 (prot & EFT_PROT_EXEC ? 1 : 0),
		.offset = core.memory,
		.vaddr = start,
		.filesz = end - start,
		.memsz = end - start,
		.align = EFT_PAGE_SIZE,
	};

	put(&header, sizeof(header));
	core.memory += end - start;
}

static void put_memory(uintptr_t start, uintptr_t end, int prot)
{
	put((const void *)start, end - start);
}

/* The calling thread comes first: debuggers look at it. */
static void each_thread(void (*visit)(struct eft_thread *thread))
{
	struct eft_thread *thread = NULL;

	visit(eft_current());
	if (eft_threads_next_locked == NULL)
		return;
	while ((thread = eft_threads_next_locked(thread)) != NULL) {
		if (thread != eft_current())
			visit(thread);
	}
}

static void count_thread(struct eft_thread *thread)
{
	core.threads++;
}

/* The first 15 of both are the same. */
static void load_regs(uint64_t *r, const struct eft_regs *regs)
{
	memcpy(r, regs, offsetof(struct eft_regs, vector));
	memcpy(&r[RIP], &regs->rip, 5 * sizeof(*r));
}

static void load_context(uint64_t *r, const struct eft_context *c)
{
	const struct eft_regs regs = {
		.r15 = c->r15,
		.r14 = c->r14,
		.r13 = c->r13,
		.r12 = c->r12,
		.rbp = c->rbp,
		.rbx = c->rbx,
		.r11 = c->r11,
		.r10 = c->r10,
		.r9 = c->r9,
		.r8 = c->r8,
		.rax = c->rax,
		.rcx = c->rcx,
		.rdx = c->rdx,
		.rsi = c->rsi,
		.rdi = c->rdi,
		.rip = c->rip,
		.rflags = c->rflags,
		.rsp = c->rsp,
	};

	load_regs(r, &regs);
}

/* What a function has to preserve, and where it is: enough to go up from. */
static inline __attribute__((always_inline)) void note_here(void)
{
	__asm__ volatile("mov %%r15, %0\n\t"
			 "mov %%r14, %1\n\t"
			 "mov %%r13, %2\n\t"
			 "mov %%r12, %3\n\t"
			 "mov %%rbx, %4\n\t"
			 "mov %%rbp, %5\n\t"
			 "mov %%rsp, %6\n\t"
			 "lea 1f(%%rip), %%rax\n\t"
			 "mov %%rax, %7\n"
			 "1:"
			 : "=m"(core.here.r15), "=m"(core.here.r14),
			   "=m"(core.here.r13), "=m"(core.here.r12),
			   "=m"(core.here.rbx), "=m"(core.here.rbp),
			   "=m"(core.here_rsp), "=m"(core.here.rip)
			 :
			 : "rax");
}

static void load_switched(uint64_t *r, const struct eft_switch_frame *frame)
{
	memcpy(r, &frame->r15, 4 * sizeof(*r));
	r[RBX] = frame->rbx;
	r[RBP] = frame->rbp;
	r[RIP] = frame->rip;
	r[RSP] = (uintptr_t)(frame + 1);
}

static void load_here(uint64_t *r)
{
	load_switched(r, &core.here);
	r[RSP] = core.here_rsp;
}

/* Memory that the end has spoilt may say anything of a thread that sleeps. */
static bool is_readable(const struct eft_thread *thread)
{
	uintptr_t start = (uintptr_t)thread->stack;
	const struct eft_range *range;

	if (thread->sp - start <
	    thread->stack_top - start - sizeof(struct eft_switch_frame))
		return true;
	/* Under valgrind a call may sleep on the program's stack. */
	range = eft_range_after(eft_space(), thread->sp);
	return range != NULL && range->start <= thread->sp &&
	       range->prot & EFT_PROT_READ;
}

static void load_registers(uint64_t *r, const struct eft_thread *thread)
{
	bool running = thread->state == EFT_THREAD_RUNNING;
	const struct eft_context *stopped =
		running ? thread->cpu->stopped_at : NULL;

	if (thread == eft_current() && eft_report_regs != NULL)
		load_regs(r, eft_report_regs);
	else if (thread == eft_current())
		load_here(r);
	else if (stopped != NULL)
		load_context(r, stopped);
	else if (is_readable(thread))
		load_switched(r, (const void *)thread->sp);
	if (running)
		r[GS_BASE] = (uintptr_t)thread->cpu;
	r[FS_BASE] = thread->tls;
}

static void put_thread(struct eft_thread *thread)
{
	const struct note_header header = {5, sizeof(struct status),
					   NT_PRSTATUS, "CORE"};
	struct status status = {
		.info = {core.signal},
		.signal = core.signal,
		.id = eft_thread_ordinal(thread->id),
	};

	load_registers(status.registers, thread);
	put(&header, sizeof(header));
	put(&status, sizeof(status));
}

static void put_headers(uint64_t notes, uint64_t notes_bytes)
{
	const struct eft_elf_header header = {
		.ident = {0x7f, 'E', 'L', 'F', 2, 1, 1},
		.type = ET_CORE,
		.machine = EM_X86_64,
		.version = 1,
		.phoff = sizeof(header),
		.ehsize = sizeof(header),
		.phentsize = sizeof(struct program_header),
		.phnum = 1 + core.segments,
	};
	const struct program_header note = {
		.type = PT_NOTE,
		.offset = notes,
		.filesz = notes_bytes,
		.memsz = notes_bytes,
		.align = 4,
	};

	put(&header, sizeof(header));
	put(&note, sizeof(note));
	each_segment(put_header);
}

static void write_all(const char *path)
{
	uint64_t notes, notes_bytes, memory, size;
	int error;

	each_segment(count_segment);
	each_thread(count_thread);
	notes = sizeof(struct eft_elf_header) +
		(1 + core.segments) * sizeof(struct program_header);
	notes_bytes = core.threads *
		      (sizeof(struct note_header) + sizeof(struct status));
	memory = eft_align_up(notes + notes_bytes, EFT_PAGE_SIZE);
	size = memory + core.memory;
	error = host->create(path, size);
	if (error < 0) {
		eft_console_printf("eft: no core file %s: error %d\n", path,
				   -error);
		return;
	}
	core.memory = memory;
	put_headers(notes, notes_bytes);
	each_thread(put_thread);
	core.at = memory;
	each_segment(put_memory);
	eft_console_printf("eft: core file: %s\n", path);
}

bool eft_corefile_tell(const char *text)
{
	const char *path;
	int to = listener(&path);

	if (to >= 0)
		eft_plat_corefile()->tell(to, text);
	return to >= 0;
}

/* The same that a guest tells (plat-kvm/pc/power.c). */
static void tell_end(int signal)
{
	char text[32];

	eft_snprintf(text, sizeof(text), "exit %d\n", 128 + signal);
	eft_corefile_tell(text);
	eft_corefile_tell(NULL);
}

static void show_memory(void)
{
	uintptr_t start, end;

	for (unsigned i = 0; eft_page_zone(i, &start, &end); i++)
		host->show(start, end);
}

void eft_corefile_write(int signal)
{
	const char *path;

	listener(&path);
	host = eft_plat_corefile();
	if (host == NULL || !(core_signals >> signal & 1) || core.signal != 0)
		return;
	core.signal = signal;
	show_memory();
	if (path != NULL) {
		host->stop_others();
		note_here();
		write_all(path);
	}
	tell_end(signal);
}

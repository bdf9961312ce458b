// SPDX-License-Identifier: BSD-3-Clause
/*
 * Faults: a page is brought in, or the instance ends with a report.
 */
#include "core/trap.h"
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/arch/x86_64/image.h"
#include "core/boot.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/thread.h"
#include "core/trace.h"
#include "core/user.h"

#pragma weak eft_trap_is_handled
#pragma weak eft_thread_label
#pragma weak eft_fault_divert

enum { FRAMES_MAX = 32, EXIT_OUT_OF_MEMORY = 137 /* 128 + SIGKILL */ };
enum { GUARD_DISTANCE = 64 << 10, FRAME_DISTANCE = 1 << 20 };

uintptr_t __stack_chk_guard;

const struct eft_regs *eft_report_regs;
static struct eft_cpu *reporter; /* of what ends the instance, or NULL */

static const char *signal_words(int signal)
{
	switch (signal) {
	case SIGABRT:
		return "assertion failed";
	case SIGILL:
		return "illegal instruction";
	case SIGTRAP:
		return "breakpoint";
	case SIGBUS:
		return "bus error";
	case SIGFPE:
		return "arithmetic error";
	}
	return "segmentation fault";
}

static const char *access_words(int access)
{
	return access == EFT_PROT_WRITE	 ? "write to"
	       : access == EFT_PROT_EXEC ? "execution of"
					 : "read of";
}

/* The stack pointer is close to what was touched, or below it in a frame. */
static bool is_at_stack_pointer(const struct eft_trap *trap)
{
	return trap->regs->rsp - trap->addr + FRAME_DISTANCE <
	       FRAME_DISTANCE + GUARD_DISTANCE;
}

static const char *forbidden_words(const struct eft_trap *trap)
{
	struct eft_range range;
	bool closed = eft_range_peek(trap->addr, &range) &&
		      range.start <= trap->addr && range.prot == EFT_PROT_NONE;

	if (closed && is_at_stack_pointer(trap))
		return "the guard below the stack (stack overflow)";
	return closed				? "protected memory"
	       : trap->access == EFT_PROT_WRITE ? "read-only memory"
	       : trap->access == EFT_PROT_EXEC	? "data"
						: "protected memory";
}

static const char *fault_words(enum eft_fault fault,
			       const struct eft_trap *trap)
{
	switch (fault) {
	case EFT_FAULT_GUARD:
	case EFT_FAULT_PROTECTION:
		return forbidden_words(trap);
	case EFT_FAULT_PAST_END:
		return "a mapping past the end of its file, or unreadable";
	case EFT_FAULT_NO_MEMORY:
		return "memory that there is none of (out of memory)";
	case EFT_FAULT_BUSY:
		return "memory that was being mapped or unmapped";
	default:
		return trap->addr < EFT_PAGE_SIZE ? "the null page"
						  : "unmapped memory";
	}
}

static void print_registers(const struct eft_regs *r)
{
	eft_console_printf("  rip %016lx  rsp %016lx  rbp %016lx  flags %lx\n",
			   r->rip, r->rsp, r->rbp, r->rflags);
	eft_console_printf("  rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n",
			   r->rax, r->rbx, r->rcx, r->rdx);
	eft_console_printf("  rsi %016lx  rdi %016lx  r8  %016lx  r9  %016lx\n",
			   r->rsi, r->rdi, r->r8, r->r9);
	eft_console_printf("  r10 %016lx  r11 %016lx  r12 %016lx  r13 %016lx\n",
			   r->r10, r->r11, r->r12, r->r13);
	eft_console_printf("  r14 %016lx  r15 %016lx\n", r->r14, r->r15);
}

static void print_frame(unsigned number, uintptr_t pc, uintptr_t inside)
{
	const char *name = NULL;
	uintptr_t start;

	if (eft_plat->symbol != NULL)
		name = eft_plat->symbol(inside, &start);
	if (name != NULL)
		eft_console_printf("  #%-2u %p %s+%lu\n", number, (void *)pc,
				   name, pc - start);
	else
		eft_console_printf("  #%-2u %p\n", number, (void *)pc);
}

/* What called is before its return address, perhaps the last. */
void eft_print_frame(unsigned number, uintptr_t pc)
{
	print_frame(number, pc, pc - 1);
}

struct frame {
	uintptr_t pc, sp, pointer;
	const struct eft_thread *thread; /* whose it is */
};

/* The libOS stacks are pages; the boot's, an idle thread's, is anywhere. */
static bool is_on_libos_stack(const struct frame *f, uintptr_t at)
{
	const struct eft_thread *thread = f->thread;

	if (thread->stack != NULL)
		return at - (uintptr_t)thread->stack <=
		       thread->stack_top - (uintptr_t)thread->stack;
	return thread == eft_cpu()->idle && at - f->sp < GUARD_DISTANCE;
}

/*
 * The next frame can be read: it is aligned, above this one, and in a range or
 * the data of the program's, or on the libOS stack, from where the way leads to
 * the program's, higher or lower. A program without frame pointers may have
 * anything in rbp, and one that went wild in rsp.
 */
static bool is_next_readable(const struct frame *f)
{
	uintptr_t next = f->pointer;
	bool on_libos = is_on_libos_stack(f, next);
	struct eft_range range;

	if (next % 16 != 0)
		return false;
	if (next < f->sp && (on_libos || !is_on_libos_stack(f, f->sp)))
		return false;
	if (on_libos)
		return true;
	if (eft_range_peek(next, &range) && range.start <= next)
		return range.prot & EFT_PROT_READ;
	return next >= (uintptr_t)eft_image_data &&
	       next < (uintptr_t)eft_image_end;
}

/* Code that the program has made itself has no names, nor frames to rely on. */
static bool is_code(uintptr_t pc)
{
	return pc >= (uintptr_t)eft_image_text &&
	       pc < (uintptr_t)eft_image_text_end;
}

/* To what called (f), if it can be found: its frame may be any words. */
static eft_no_asan bool go_up(struct frame *f)
{
	const uintptr_t *words = (const uintptr_t *)f->pointer;

	if (!is_next_readable(f) || !is_code(words[1]))
		return false;
	*f = (struct frame){words[1], (uintptr_t)&words[2], words[0],
			    f->thread};
	return true;
}

static void print_callers(struct frame *f)
{
	for (unsigned n = 1; n < FRAMES_MAX && go_up(f); n++)
		eft_print_frame(n, f->pc);
}

void eft_backtrace(const struct eft_thread *thread, const void *pc,
		   const void *frame)
{
	struct frame f = {(uintptr_t)pc, (uintptr_t)frame, (uintptr_t)frame,
			  thread};

	eft_print_frame(0, f.pc);
	print_callers(&f);
}

void eft_report_thread(void)
{
	const struct eft_thread *thread = eft_current();

	eft_console_printf("  in thread %d (%s) of %s, a %s\n",
			   eft_thread_ordinal(thread->id),
			   eft_thread_label ? eft_thread_label(thread)
					    : thread->name,
			   eft_program_name(), eft_plat->name);
}

static void report(const struct eft_trap *trap, enum eft_fault fault)
{
	struct frame f = {trap->regs->rip, trap->regs->rsp, trap->regs->rbp,
			  eft_current()};

	if (trap->access != 0)
		eft_console_printf(
			"eft: %s: %s %s at %p\n", signal_words(trap->signal),
			access_words(trap->access), fault_words(fault, trap),
			(void *)trap->addr);
	else
		eft_console_printf("eft: %s\n", signal_words(trap->signal));
	eft_report_thread();
	print_registers(trap->regs);
	print_frame(0, f.pc, f.pc);
	print_callers(&f);
}

void eft_report_own_end(const char *line, int signal)
{
	uintptr_t pointer = (uintptr_t)__builtin_frame_address(0);
	struct frame f = {
		.sp = pointer, .pointer = pointer, .thread = eft_current()};

	eft_lock_touch_stack();
	if (!eft_report_begin())
		return;
	eft_console_printf(line, signal);
	eft_report_thread();
	while (go_up(&f) && f.pc < (uintptr_t)eft_image_libc_text_end)
		;
	eft_print_frame(0, f.pc);
	print_callers(&f);
}

bool eft_report_is_here(void)
{
	return __atomic_load_n(&reporter, __ATOMIC_RELAXED) == eft_cpu();
}

bool eft_report_begin(void)
{
	struct eft_cpu *self = eft_cpu(), *other = NULL;
	unsigned turn = 0;

	while (!__atomic_compare_exchange_n(&reporter, &other, self, false,
					    __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		if (other == self)
			return false;
		other = NULL;
		eft_spin(turn++);
	}
	eft_irq_off();
	return true;
}

/* eft_assert()'s instruction, UD2 (SDM vol. 2), in code of ours. */
static bool is_assertion(const struct eft_trap *trap)
{
	static const uint8_t ud2[] = {0x0f, 0x0b};
	uintptr_t rip = trap->regs->rip;

	return trap->signal == SIGILL &&
	       rip >= (uintptr_t)eft_image_libos_text &&
	       rip < (uintptr_t)eft_image_libos_text_end &&
	       memcmp((const void *)rip, ud2, sizeof(ud2)) == 0;
}

/* Of the program's memory, for a call. */
static bool is_user_access(const struct eft_trap *trap)
{
	return trap->regs->rip >= (uintptr_t)eft_user_text &&
	       trap->regs->rip < (uintptr_t)eft_user_text_end;
}

void eft_trap(struct eft_trap *trap)
{
	enum eft_fault fault = EFT_FAULT_UNMAPPED;
	bool user = is_user_access(trap);

	if (is_assertion(trap))
		trap->signal = SIGABRT;
	/* With a spin lock held no page is brought in for a call. */
	if (trap->access != 0 && !(user && eft_irq_depth() != 0)) {
		eft_trace(EFT_TRACE_FAULT, trap->addr, trap->access);
		fault = eft_range_fault(trap->addr, trap->access);
		eft_trace(EFT_TRACE_FAULT_END, fault, 0);
	}
	if (fault == EFT_FAULT_RESOLVED)
		return;
	if (fault == EFT_FAULT_ABSENT) {
		eft_fault_divert(trap);
		return;
	}
	if (user && fault != EFT_FAULT_NO_MEMORY) {
		/* The function returns {-EFAULT, addr}. */
		trap->regs->rdx = trap->addr;
		trap->regs->rip = (uintptr_t)eft_user_fault;
		return;
	}
	if (fault == EFT_FAULT_PAST_END)
		trap->signal = SIGBUS;
	/* With interrupts off it is the libOS's, wherever it has gone. */
	if (eft_trap_is_handled != NULL && eft_irq_depth() == 0 &&
	    eft_trap_is_handled(trap, fault))
		return;
	if (!eft_report_begin()) {
		eft_console_printf("eft: fault at %p during a report\n",
				   (void *)trap->regs->rip);
		eft_plat->crash(trap->signal);
	}
	eft_report_regs = trap->regs;
	report(trap, fault);
	if (fault == EFT_FAULT_NO_MEMORY)
		eft_exit(EXIT_OUT_OF_MEMORY);
	eft_die_by(trap->signal);
}

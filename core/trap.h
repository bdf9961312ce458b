// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Reports of faults, and the stack protector's.
 */
#include "core/boot.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/process.h"

/* Print the function that returns to (pc), the frame (number) of its stack. */
void eft_print_frame(unsigned number, uintptr_t pc);

struct eft_thread;

/*
 * Print the frames of (thread) that return to (pc), and so on by the pointers
 * at (frame).
 */
void eft_backtrace(const struct eft_thread *thread, const void *pc,
		   const void *frame);

/*
 * Reports count the program's threads from 1, in a process too, where the first
 * one's (id) is the process's once there are several.
 */
static inline int eft_thread_ordinal(int id)
{
	return id >= eft_process()->identity.pid
		       ? id - eft_process()->identity.pid + 1
		       : id;
}

/* Print which thread a report is about: the calling one. */
void eft_report_thread(void);

/*
 * The program has ended itself, as (line) says, which has (signal) for a %d:
 * print that, the thread, and its frames from the program's own on. Nothing
 * where another end is reported.
 */
void eft_report_own_end(const char *line, int signal);

/*
 * Is there no need to end the instance for this (fault)? In images that have
 * signals (core/boot/trap_signal.c).
 */
bool eft_trap_is_handled(struct eft_trap *trap, enum eft_fault fault);

/* In the program's or the C library's code: not in a system call? */
bool eft_is_program(uintptr_t rip);

/* stack.S: what it looks at, it need not find. */
void eft_touch_stack(void);
extern char eft_touch_stack_end[];

/*
 * The first CPU that calls this reports what ends the instance, and runs no
 * other thread any more; others wait for the end.
 *
 * Returns   true; false when this CPU reports already, and met another fault
 */
bool eft_report_begin(void);

/* Does this CPU report? Then it waits for no lock for ever: it may have it. */
bool eft_report_is_here(void);

/* The rest of a report is for who watches alone, if somebody does. */
extern bool eft_report_told_only;

/* The fault's that ends the instance; NULL: none does. */
extern const struct eft_regs *eft_report_regs;

/* What __stack_chk_fail() calls: a function's stack was overwritten. */
eft_noreturn void eft_stack_smashed(void);

/* The value that the stack protector compares with (GCC's name). */
extern uintptr_t __stack_chk_guard;

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Faults that the program has a handler for: in images with signals.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/mem.h"
#include "core/thread.h"
#include "core/trap.h"

/* The hooks that posix fills. */
extern __typeof__(eft_signals_catch) eft_signals_catch eft_weak;
extern __typeof__(eft_signals_own_stack) eft_signals_own_stack eft_weak;

/* si_code as Linux has it (include/uapi/asm-generic/siginfo.h). */
enum {
	SI_KERNEL = 0x80,
	SEGV_MAPERR = 1,
	SEGV_ACCERR = 2,
	BUS_ADRERR = 2,
	FPE_INTDIV = 1,
	FPE_FLTINV = 7,
	ILL_ILLOPN = 2,
};

static int code_of(const struct eft_trap *trap, enum eft_fault fault)
{
	if (trap->access != 0)
		return trap->signal == SIGBUS ? BUS_ADRERR
		       : fault == EFT_FAULT_PROTECTION ||
				       fault == EFT_FAULT_GUARD
			       ? SEGV_ACCERR
			       : SEGV_MAPERR;
	if (trap->signal == SIGFPE)
		return trap->regs->vector == 0 ? FPE_INTDIV : FPE_FLTINV;
	return trap->signal == SIGILL ? ILL_ILLOPN : SI_KERNEL;
}

/*
 * eft_lock() looks two pages ahead. Below a thread's stack is its guard; below
 * a small alternate stack may be nothing, and need be nothing.
 */
static bool is_look_ahead(const struct eft_trap *trap)
{
	uintptr_t rip = trap->regs->rip;

	return rip >= (uintptr_t)eft_touch_stack &&
	       rip < (uintptr_t)eft_touch_stack_end &&
	       eft_signals_own_stack(trap->regs->rsp);
}

bool eft_trap_is_handled(struct eft_trap *trap, enum eft_fault fault)
{
	if (eft_signals_catch == NULL || fault == EFT_FAULT_NO_MEMORY)
		return false;
	if (is_look_ahead(trap)) {
		trap->regs->rip = (uintptr_t)eft_touch_stack_end;
		return true;
	}
	if (!eft_is_program(trap->regs->rip))
		return false;
	trap->stack_top = eft_signals_catch(trap->signal, trap->regs->rsp);
	trap->code = code_of(trap, fault);
	trap->address = trap->access != 0	  ? trap->addr
			: trap->code == SI_KERNEL ? 0
						  : trap->regs->rip;
	return trap->stack_top != 0;
}

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

/* si_code as Linux has it (include/uapi/asm-generic/siginfo.h). */
enum {
	SI_KERNEL = 0x80,
	SEGV_MAPERR = 1,
	SEGV_ACCERR = 2,
	BUS_ADRERR = 2,
	FPE_INTDIV = 1,
	FPE_FLTDIV = 3,
	FPE_FLTOVF = 4,
	FPE_FLTUND = 5,
	FPE_FLTRES = 6,
	FPE_FLTINV = 7,
	ILL_ILLOPN = 2,
};

/* Vectors (Intel SDM vol. 3 §6.3.1). */
enum { DIVIDE_ERROR = 0, X87_ERROR = 16 };

/* What FXSAVE writes first (SDM vol. 2); the rest is of no interest here. */
struct float_state {
	uint16_t control, status;
	uint32_t others[5];
	uint32_t mxcsr;
};

/* The exceptions that are not masked (SDM vol. 1 §8.1.3, §8.1.5, §10.2.3). */
static unsigned float_exceptions(const struct eft_trap *trap)
{
	struct float_state now;
	const struct float_state *state = trap->vectors;

	if (state == NULL) {
		__asm__("fnstcw %0" : "=m"(now.control));
		__asm__("fnstsw %0" : "=m"(now.status));
		__asm__("stmxcsr %0" : "=m"(now.mxcsr));
		state = &now;
	}
	if (trap->regs->vector == X87_ERROR)
		return state->status & ~state->control;
	return state->mxcsr & ~(state->mxcsr >> 7);
}

/* Of several Linux tells the first of these (fpu__exception_code()). */
static int float_code(const struct eft_trap *trap)
{
	enum { INVALID = 1, DENORMAL = 2, ZERO = 4, OVERFLOW = 8 };
	enum { UNDERFLOW = 16, PRECISION = 32 };
	unsigned exceptions = float_exceptions(trap);

	if (trap->regs->vector == DIVIDE_ERROR)
		return FPE_INTDIV;
	return exceptions & INVALID		     ? FPE_FLTINV
	       : exceptions & ZERO		     ? FPE_FLTDIV
	       : exceptions & OVERFLOW		     ? FPE_FLTOVF
	       : exceptions & (DENORMAL | UNDERFLOW) ? FPE_FLTUND
	       : exceptions & PRECISION		     ? FPE_FLTRES
						     : SI_KERNEL;
}

static int code_of(const struct eft_trap *trap, enum eft_fault fault)
{
	if (trap->access != 0)
		return trap->signal == SIGBUS ? BUS_ADRERR
		       : fault == EFT_FAULT_PROTECTION ||
				       fault == EFT_FAULT_GUARD
			       ? SEGV_ACCERR
			       : SEGV_MAPERR;
	if (trap->signal == SIGFPE)
		return float_code(trap);
	return trap->signal == SIGILL ? ILL_ILLOPN : SI_KERNEL;
}

/*
 * eft_lock() looks two pages ahead. Below a small stack of the program's, on
 * which signals are handled, may be nothing, and need be nothing.
 */
static bool is_look_ahead(const struct eft_trap *trap)
{
	uintptr_t rip = trap->regs->rip;

	return rip >= (uintptr_t)eft_touch_stack &&
	       rip < (uintptr_t)eft_touch_stack_end;
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

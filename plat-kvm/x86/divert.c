// SPDX-License-Identifier: BSD-3-Clause
/*
 * Have an interrupted thread go on in the program's handlers of signals, on a
 * stack of its own, with a context that they may look at and change.
 */
#include "core/arch/x86_64/context.h"
#include "plat-kvm/kvm.h"
#include "plat-kvm/x86/asm.h"

enum { FXSAVE_BYTES = 512, XSAVE_HEADER_BYTES = 64 };
enum { DIRECTION = 0x400 }; /* of the flags */

/* No C of ours uses the vector registers: they are the thread's. */
static void save_vectors(struct eft_context *context, size_t xsave_bytes)
{
	void *at = context->vectors;

	if (xsave_bytes == 0) {
		__asm__ volatile("fxsave64 (%0)" ::"r"(at) : "memory");
		return;
	}
	context->flags = EFT_CONTEXT_XSAVE;
	__asm__ volatile("xsave64 (%0)" ::"r"(at), "a"(-1), "d"(-1) : "memory");
}

void eft_plat_guest_divert(struct eft_regs *regs, const struct eft_trap *trap)
{
	size_t xsave_bytes = eft_kvm_find_xsave_bytes();
	struct eft_context *c = eft_context_lay(
		trap->stack_top, xsave_bytes ? xsave_bytes : FXSAVE_BYTES);

	save_vectors(c, xsave_bytes);
	c->r8 = regs->r8;
	c->r9 = regs->r9;
	c->r10 = regs->r10;
	c->r11 = regs->r11;
	c->r12 = regs->r12;
	c->r13 = regs->r13;
	c->r14 = regs->r14;
	c->r15 = regs->r15;
	c->rdi = regs->rdi;
	c->rsi = regs->rsi;
	c->rbp = regs->rbp;
	c->rbx = regs->rbx;
	c->rdx = regs->rdx;
	c->rax = regs->rax;
	c->rcx = regs->rcx;
	c->rsp = regs->rsp;
	c->rip = regs->rip;
	c->rflags = regs->rflags;
	c->cs = regs->cs;
	c->error = regs->error;
	c->vector = regs->vector;
	c->cr2 = trap->addr;
	c->signal = trap->signal;
	c->code = trap->code;
	c->address = trap->address;
	regs->rip = (uintptr_t)eft_context_entry;
	regs->rsp = (uintptr_t)c;
	regs->rflags &= ~(uint64_t)DIRECTION;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's signals for faults become traps: the handler runs on a stack of
 * its own, as a trap in a guest does, and hands the core the same registers.
 */
#include "core/abi.h"
#include "plat-linuxu/linuxu.h"

/* The kernel's sigaction(2), sigaltstack(2) and signal frame (x86-64). */
struct sigaction {
	void (*handler)(int, void *, void *);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

struct stack {
	void *sp;
	int flags;
	size_t size;
};

struct context {
	unsigned long flags;
	struct context *link;
	struct stack stack;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, vector, oldmask, cr2;
};

enum {
	SA_SIGINFO = 4,
	SA_RESTORER = 0x04000000,
	SA_ONSTACK = 0x08000000,
	SA_RESTART = 0x10000000,
	SA_NODEFER = 0x40000000,
	SIG_SETMASK = 2,
};

/* Page-fault error code (Intel SDM vol. 3 §4.7). */
enum { PAGE_FAULT = 14, ERROR_WRITE = 2, ERROR_FETCH = 16 };

void eft_linuxu_sigreturn(void);

void eft_linuxu_set_handler(int signal, void (*handler)(int, void *, void *),
			    enum eft_linuxu_handler_stack stack)
{
	bool on_faults = stack == EFT_LINUXU_ON_FAULTS;
	struct sigaction action = {
		.handler = handler,
		.flags = SA_RESTORER | SA_SIGINFO | SA_NODEFER |
			 (on_faults ? SA_ONSTACK : SA_RESTART),
		.restorer = eft_linuxu_sigreturn,
		.mask = on_faults ? 1ul << (EFT_LINUXU_TIMER_SIGNAL - 1) : 0,
	};

	eft_linux4(SYS_rt_sigaction, signal, (long)&action, 0,
		   sizeof(action.mask));
}

static void load(struct eft_regs *regs, const struct context *c)
{
	*regs = (struct eft_regs){
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
		.vector = c->vector,
		.error = c->error,
		.rip = c->rip,
		.cs = c->cs,
		.rflags = c->rflags,
		.rsp = c->rsp,
		.ss = c->ss,
	};
}

static int access_of(uint64_t error)
{
	return error & ERROR_FETCH   ? EFT_PROT_EXEC
	       : error & ERROR_WRITE ? EFT_PROT_WRITE
				     : EFT_PROT_READ;
}

static void handle(int signal, void *info, void *context)
{
	struct context *c = context;
	struct eft_regs regs;
	struct eft_trap trap = {.regs = &regs, .signal = signal};

	load(&regs, c);
	if (c->vector == PAGE_FAULT) {
		trap.access = access_of(c->error);
		trap.addr = c->cr2;
	}
	eft_trap(&trap);
}

void eft_linuxu_use_fault_stack(void *memory)
{
	struct stack stack = {.sp = memory, .size = EFT_LINUXU_STACK_BYTES};

	eft_linux3(SYS_sigaltstack, (long)&stack, 0, 0);
}

void eft_linuxu_signals_init(void)
{
	static const uint8_t faults[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE,
					 SIGSEGV};
	static char memory[EFT_LINUXU_STACK_BYTES] __attribute__((aligned(16)));

	eft_linuxu_use_fault_stack(memory);
	for (size_t i = 0; i < eft_array_size(faults); i++)
		eft_linuxu_set_handler(faults[i], handle, EFT_LINUXU_ON_FAULTS);
}

eft_noreturn void eft_linuxu_crash(int signal)
{
	long pid = eft_linux3(SYS_getpid, 0, 0, 0);

	eft_linuxu_set_handler(signal, NULL, EFT_LINUXU_ON_FAULTS);
	eft_linux3(SYS_tgkill, pid, eft_linux3(SYS_gettid, 0, 0, 0), signal);
	for (;;)
		eft_linux3(SYS_exit_group, 128 + signal, 0, 0);
}

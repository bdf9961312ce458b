// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's signals for faults become traps: the handler runs on a stack of
 * its own, as a trap in a guest does, and hands the core the same registers.
 */
#include "core/abi.h"
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/switch.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

/* The kernel's sigaction(2) and sigaltstack(2) (x86-64). */
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

/*
 * Where the vectors are larger than FXSAVE's (arch/x86/include/uapi/asm/
 * sigcontext.h, struct _fpx_sw_bytes).
 */
enum { SOFTWARE = 464 };

struct extended {
	uint32_t magic, extended_bytes;
	uint64_t features;
	uint32_t bytes;
};

#define EXTENDED_MAGIC 0x46505853

enum {
	SA_SIGINFO = 4,
	SA_RESTORER = 0x04000000,
	SA_ONSTACK = 0x08000000,
	SA_RESTART = 0x10000000,
	SA_NODEFER = 0x40000000,
	SIG_UNBLOCK = 1,
	SIG_SETMASK = 2,
};

#define SIG_IGN ((void (*)(int, void *, void *))1)

/* Of the faults, those that exec has left ignored. */
static uint64_t ignored_faults;

/* Page-fault error code (Intel SDM vol. 3 §4.7). */
enum { PAGE_FAULT = 14, ERROR_WRITE = 2, ERROR_FETCH = 16 };

void eft_linuxu_sigreturn(void);

void eft_linuxu_set_handler(int signal, void (*handler)(int, void *, void *),
			    bool interrupts)
{
	struct sigaction action = {
		.handler = handler,
		.flags = SA_RESTORER | SA_SIGINFO | SA_NODEFER | SA_ONSTACK |
			 (interrupts ? SA_RESTART : 0),
		.restorer = eft_linuxu_sigreturn,
		.mask = ~EFT_LINUXU_FAULTS,
	};
	struct sigaction before = {0};

	eft_linuxu_need(eft_linux4(SYS_rt_sigaction, signal, (long)&action,
				   (long)&before, sizeof(action.mask)),
			"rt_sigaction");
	if (before.handler == SIG_IGN)
		ignored_faults |= EFT_LINUXU_BIT(signal) & EFT_LINUXU_FAULTS;
}

void eft_linuxu_set_disposition(int signal, bool ignored)
{
	struct sigaction action = {
		.handler = (void (*)(int, void *, void *))(uintptr_t)ignored,
		.flags = SA_RESTORER,
		.restorer = eft_linuxu_sigreturn,
	};

	eft_linux4(SYS_rt_sigaction, signal, (long)&action, 0,
		   sizeof(action.mask));
}

static void load(struct eft_regs *regs, const struct eft_context *c)
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

/*
 * What XSAVE has to save, and how large that is. The host's frame says so,
 * where its flags have that XSAVE wrote it; the same bytes are in those that
 * FXSAVE wrote, too. Valgrind does not set the flag: ask the processor, which
 * is that of valgrind then (Intel SDM vol. 2, CPUID leaves 1 and 0xd, and
 * XGETBV).
 */
void eft_linuxu_find_xsave(const struct eft_context *c)
{
	enum { OSXSAVE = 1 << 27 };
	const struct extended *more =
		(const void *)((const char *)c->vectors + SOFTWARE);
	uint32_t eax = 1, ebx, ecx, edx;
	static bool known;

	if (known)
		return;
	known = true;
	if (c->flags & EFT_CONTEXT_XSAVE && more->magic == EXTENDED_MAGIC) {
		eft_xsave_features = more->features;
		eft_xsave_bytes = more->bytes;
		return;
	}
	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	if (!(ecx & OSXSAVE))
		return;
	__asm__("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
	eft_xsave_features = (uint64_t)edx << 32 | eax;
	eax = 0xd;
	ecx = 0;
	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	eft_xsave_bytes = ebx;
}

void eft_linuxu_divert_to_yield(struct eft_context *c)
{
	eft_linuxu_find_xsave(c);
	/* Below the stack pointer is nothing, in valgrind's eyes. */
	eft_linuxu_valgrind(EFT_VG_MAKE_MEM_DEFINED,
			    eft_libos_stack_below(c->rsp) - EFT_LINUXU_LAID_MAX,
			    EFT_LINUXU_LAID_MAX);
	eft_divert(&c->rsp, &c->rip, c->rflags, eft_yield);
}

static int access_of(uint64_t error)
{
	return error & ERROR_FETCH   ? EFT_PROT_EXEC
	       : error & ERROR_WRITE ? EFT_PROT_WRITE
				     : EFT_PROT_READ;
}

static void handle(int signal, void *info, void *context)
{
	struct eft_context *c = context;
	struct eft_regs regs;
	struct eft_trap trap = {.regs = &regs,
				.signal = signal,
				.vectors = c->vectors,
				.frame = c};

	if (eft_linuxu_repair_fault != NULL)
		eft_linuxu_repair_fault(c);
	load(&regs, c);
	if (c->vector == PAGE_FAULT) {
		trap.access = access_of(c->error);
		trap.addr = c->cr2;
	}
	eft_trap(&trap);
	/* It may have the interrupted function fail (core/boot/trap.c). */
	c->rdx = regs.rdx;
	c->rip = regs.rip;
	if (trap.stack_top != 0)
		eft_plat_process_divert(c, &trap);
}

void eft_linuxu_use_fault_stack(void *memory)
{
	struct stack stack = {.sp = memory, .size = EFT_LINUXU_STACK_BYTES};

	eft_linuxu_need(eft_linux3(SYS_sigaltstack, (long)&stack, 0, 0),
			"sigaltstack");
}

/* What the host does about (signal) at present. */
static void (*handler_of(int signal))(int, void *, void *)
{
	struct sigaction action = {0};

	eft_linux4(SYS_rt_sigaction, signal, 0, (long)&action,
		   sizeof(action.mask));
	return action.handler;
}

bool eft_linuxu_is_ignored(int signal)
{
	if (EFT_LINUXU_FAULTS & EFT_LINUXU_BIT(signal))
		return ignored_faults & EFT_LINUXU_BIT(signal);
	return handler_of(signal) == SIG_IGN;
}

static uint64_t set_mask(int how, uint64_t mask)
{
	uint64_t before = 0;

	eft_linux4(SYS_rt_sigprocmask, how, (long)&mask, (long)&before,
		   sizeof(mask));
	return before;
}

void eft_linuxu_unblock_signals(void)
{
	set_mask(SIG_SETMASK, 0);
}

uint64_t eft_linuxu_signals_init(void)
{
	static const uint8_t faults[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE,
					 SIGSEGV};
	static char memory[EFT_LINUXU_STACK_BYTES] __attribute__((aligned(16)));

	eft_linuxu_use_fault_stack(memory);
	for (size_t i = 0; i < eft_array_size(faults); i++)
		eft_linuxu_set_handler(faults[i], handle, false);
	return set_mask(SIG_UNBLOCK,
			EFT_LINUXU_FAULTS |
				EFT_LINUXU_BIT(EFT_LINUXU_TIMER_SIGNAL));
}

eft_noreturn void eft_linuxu_crash(int signal)
{
	long pid = eft_linux3(SYS_getpid, 0, 0, 0);
	eft_linuxu_set_handler(signal, NULL, false);
	set_mask(SIG_SETMASK, 0); /* in a handler, it is held back */
	eft_linux3(SYS_tgkill, pid, eft_linux3(SYS_gettid, 0, 0, 0), signal);
	for (;;)
		eft_linux3(SYS_exit_group, 128 + signal, 0, 0);
}

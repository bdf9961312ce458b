// SPDX-License-Identifier: BSD-3-Clause
/*
 * Faults of a program: the input makes up trap frames, with whatever in their
 * registers, stacks that are there or not, actions, alternate stacks and masks,
 * and what a handler leaves in the context that it was given. A model says
 * whether the fault is handled, on which stack, or ends the program, and what
 * the thread's registers are when it goes on.
 *
 * A guest's code lays the context out (plat-kvm/x86/divert.c). The program's
 * text is a page of stubs: each notes its number, and what is in the registers.
 */
#include "core/trap.h"
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/image.h"
#include "core/boot.h"
#include "core/process.h"
#include "core/thread.h"
#include "fuzz/fuzz.h"
#include "plat-kvm/kvm.h"
#include "posix/settled.h"
#include "posix/signal/signal.h"
#include "tests/fake/host.h"

enum { STUBS = 64, STUB_BYTES = 16, TRAPS = 12, PAGE = EFT_PAGE_SIZE };
enum { FRAME_BYTES = 8192 /* posix/signal/deliver.c */ };
/* What a handler of ours and its system calls take. */
enum { ROOM_BYTES = 9 * PAGE };
enum { STACK_PAGES = 24, OTHER_PAGES = 16 };
enum { USER_FLAGS = 0xcd5, FIXED_FLAG = 2 /* context.S */ };
enum { R = EFT_PROT_READ, RW = EFT_PROT_READ | EFT_PROT_WRITE };

/* In the order of struct eft_context. */
struct registers {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, stub, rflags;
};

struct registers trap_landed;
uint64_t trap_stack;

/* Go on in what eft_plat_guest_divert() laid at (context), until a stub. */
void trap_go(uintptr_t context);
void trap_land(void);

__asm__(".text\n"
	"trap_go:\n\t"
	"push %rbp\n\tpush %rbx\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\t"
	"push %r15\n\t"
	"mov %rsp, trap_stack(%rip)\n\t"
	"mov %rdi, %rsp\n\t"
	"jmp eft_context_entry\n"
	"trap_land:\n\t"
	"mov %r8, trap_landed(%rip)\n\tmov %r9, trap_landed+8(%rip)\n\t"
	"mov %r10, trap_landed+16(%rip)\n\tmov %r11, trap_landed+24(%rip)\n\t"
	"mov %r12, trap_landed+32(%rip)\n\tmov %r13, trap_landed+40(%rip)\n\t"
	"mov %r14, trap_landed+48(%rip)\n\tmov %r15, trap_landed+56(%rip)\n\t"
	"mov %rdi, trap_landed+64(%rip)\n\tmov %rsi, trap_landed+72(%rip)\n\t"
	"mov %rbp, trap_landed+80(%rip)\n\tmov %rbx, trap_landed+88(%rip)\n\t"
	"mov %rdx, trap_landed+96(%rip)\n\tmov %rax, trap_landed+104(%rip)\n\t"
	"mov %rcx, trap_landed+112(%rip)\n\tmov %rsp, trap_landed+120(%rip)\n\t"
	"mov trap_stack(%rip), %rsp\n\t"
	"pushfq\n\tpop trap_landed+136(%rip)\n\tcld\n\t"
	"pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbx\n\tpop "
	"%rbp\n\t"
	"ret");

static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};

/* The program's memory: a stack below which is a guard, and another. */
static uintptr_t stack, other, read_only;

static struct eft_regs regs;
static struct eft_trap trap;
static struct eft_sigaction actions[EFT_SIGNALS + 1];
static struct eft_sigstack alternate;
static uint64_t mask, mask_after;

static bool must_crash, may_crash, handled;
static int crash_signal;
static struct registers expected;

/* The smallest of vectors, and the same ones for all. */
uint64_t eft_kvm_find_xsave_bytes(void)
{
	return 0;
}

static uintptr_t stub_at(unsigned number)
{
	return (uintptr_t)eft_image_text + number * STUB_BYTES;
}

/* movq $number, trap_landed.stub; jmp trap_land */
static void write_stub(unsigned number)
{
	uint8_t *at = (uint8_t *)stub_at(number);
	int32_t land = (int32_t)((uintptr_t)trap_land - (uintptr_t)at - 16);
	uint32_t note = (uint32_t)(uintptr_t)&trap_landed.stub;

	memcpy(at, "\xc7\x04\x25", 3); /* movl, which leaves the flags */
	memcpy(at + 3, &note, 4);
	memcpy(at + 7, &number, 4);
	at[11] = 0xe9;
	memcpy(at + 12, &land, 4);
}

static bool may_end(enum fake_end end)
{
	return end == FAKE_CRASHED &&
	       ((must_crash && fake_status == crash_signal) ||
		(may_crash && fake_status == SIGSEGV));
}

static uintptr_t map(size_t pages, int prot, unsigned flags)
{
	intptr_t addr = eft_range_map(0, pages * PAGE, prot, flags, NULL, 0);

	fuzz_check(addr > 0);
	return (uintptr_t)addr;
}

void fuzz_boot(void)
{
	struct fake_config config = {
		.zone_bytes = {2 << 20},
		.window_bytes = 1 << 20,
		.paging = true,
	};

	fake_boot(&config);
	fake_plat.identity(&eft_process()->identity);
	fuzz_may_end = may_end;
	host_protect((uintptr_t)eft_image_text, PAGE, RW);
	for (unsigned i = 0; i < STUBS; i++)
		write_stub(i);
	host_protect((uintptr_t)eft_image_text, PAGE, R | EFT_PROT_EXEC);
}

/* With nothing mapped between them. */
static void make_memory(void)
{
	uintptr_t hole;

	map(1, EFT_PROT_NONE, EFT_RANGE_STACK);
	stack = map(STACK_PAGES, RW, EFT_RANGE_STACK);
	hole = map(1, RW, 0);
	read_only = map(4, R, 0);
	other = map(OTHER_PAGES, RW, 0);
	fuzz_check(eft_range_unmap(hole, PAGE) == 0);
}

/*
 * What the input makes up.
 */
static uintptr_t any_address(void)
{
	uintptr_t near = fuzz_below(3 * PAGE);

	switch (fuzz_below(8)) {
	case 0:
		return fuzz_u64();
	case 1:
		return near;
	case 2:
		return UINT64_MAX - near;
	case 3:
		return read_only + near;
	case 4:
		return stack + near;
	case 5:
		return other + near;
	case 6:
		return other + OTHER_PAGES * PAGE - near;
	default:
		return stack + STACK_PAGES * PAGE - near;
	}
}

/* Where a thread may go on: below it is room for what it needs for that. */
static uintptr_t any_good_stack(void)
{
	return (fuzz_below(2) ? stack : other) + ROOM_BYTES + fuzz_below(PAGE);
}

static uint64_t any_mask(void)
{
	uint64_t set = 0;

	for (unsigned i = 0; i < eft_array_size(faults); i++)
		if (fuzz_below(8) == 1)
			set |= eft_signal_bit(faults[i]);
	return set;
}

static void set_mask(uint64_t set)
{
	mask = set;
	fuzz_check(eft_sys_rt_sigprocmask(2, &mask, NULL, 8) == 0);
}

/*
 * The model.
 */
static int prot_at(uintptr_t addr)
{
	if (addr - stack < STACK_PAGES * PAGE ||
	    addr - other < OTHER_PAGES * PAGE)
		return RW;
	return addr - read_only < 4 * PAGE ? R : 0;
}

static bool is_writable(uintptr_t start, size_t len)
{
	for (size_t i = 0; i < len; i += PAGE)
		if (prot_at(start + i) != RW)
			return false;
	return prot_at(start + len - 1) == RW;
}

static bool on_alternate(uintptr_t rsp)
{
	return rsp - alternate.start < alternate.size;
}

/* Does it end (or begin) in the frame of (here), or of what it calls? */
static bool on_edge_of_alternate(uintptr_t here)
{
	return on_alternate(here + PAGE) != on_alternate(here - PAGE) ||
	       on_alternate(here + PAGE) != on_alternate(here);
}

static uintptr_t expected_top(void)
{
	const struct eft_sigaction *action = &actions[trap.signal];

	if (action->flags & SA_ONSTACK && alternate.size != 0 &&
	    !on_alternate(regs.rsp))
		return alternate.start + alternate.size;
	return regs.rsp - EFT_RED_ZONE;
}

static bool is_resolved(void)
{
	return trap.access != 0 && prot_at(trap.addr) & trap.access;
}

static bool is_libos(uintptr_t rip)
{
	return rip >= (uintptr_t)eft_image_libos_text &&
	       rip < (uintptr_t)eft_image_libos_text_end;
}

static bool is_handled(void)
{
	const struct eft_sigaction *action = &actions[trap.signal];

	return !is_libos(regs.rip) && !(mask & eft_signal_bit(trap.signal)) &&
	       action->handler != SIG_DFL && action->handler != SIG_IGN &&
	       is_writable(expected_top() - FRAME_BYTES, FRAME_BYTES);
}

/*
 * The handler: what it was given, and what it leaves.
 */
static void check_context(const struct eft_context *context)
{
	fuzz_check(memcmp(&context->r8, &expected, 15 * 8) == 0);
	fuzz_check(context->rsp == regs.rsp && context->rip == regs.rip);
	fuzz_check(context->rflags == regs.rflags);
	fuzz_check(context->mask[0] == mask);
	fuzz_check(context->cr2 == trap.addr);
	fuzz_check(context->vector == regs.vector);
}

static void check_stack(uintptr_t top)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	fuzz_check(here % 16 == 0 && here < top && top - here < ROOM_BYTES);
}

static void change_context(struct eft_context *context)
{
	uint64_t *words = &context->r8;

	for (unsigned i = 0; i < 15; i++)
		if (fuzz_below(4) == 1)
			words[i] = ((uint64_t *)&expected)[i] = fuzz_u64();
	context->rsp = any_good_stack();
	if (context->rsp - (uintptr_t)context < 2 * PAGE) /* see CAVEATS */
		context->rsp += 2 * PAGE;
	expected.stub = fuzz_below(STUBS);
	context->rip = stub_at((unsigned)expected.stub);
	if (fuzz_below(2))
		context->rflags = fuzz_u64();
	expected.rsp = context->rsp;
	expected.rflags = context->rflags;
	if (fuzz_below(2))
		context->mask[0] = fuzz_u64() & ~eft_signal_bit(SIGRTMIN);
	mask_after = eft_signal_blockable(context->mask[0]);
}

static void change_stack(void)
{
	struct eft_sigstack now, wanted = {other, 0, 4 * PAGE};
	uintptr_t here = (uintptr_t)&now;
	bool there = on_alternate(here) && !(alternate.flags & SS_AUTODISARM);

	fuzz_check(eft_sys_sigaltstack(NULL, &now) == 0);
	if (on_edge_of_alternate(here))
		return;
	fuzz_check(!(now.flags & SS_ONSTACK) == !there);
	if (alternate.flags & SS_AUTODISARM)
		fuzz_check(now.flags == SS_DISABLE);
	if (there)
		fuzz_check(eft_sys_sigaltstack(&wanted, NULL) == -EPERM);
}

static void handle(int signal, struct eft_siginfo *info,
		   struct eft_context *context)
{
	const struct eft_sigaction *action = &actions[signal];
	uint64_t blocked;

	handled = true;
	fuzz_check(signal == trap.signal && info->signal == signal);
	fuzz_check(info->code == trap.code && info->addr == trap.address);
	check_context(context);
	check_stack(expected_top());
	fuzz_check(eft_sys_rt_sigprocmask(0, NULL, &blocked, 8) == 0);
	fuzz_check(blocked ==
		   (mask | action->mask |
		    (action->flags & SA_NODEFER ? 0 : eft_signal_bit(signal))));
	change_stack();
	change_context(context);
}

/*
 * Steps.
 */
static void set_action(void)
{
	static const uint64_t flags[] = {0, SA_NODEFER, SA_RESETHAND};
	int signal = faults[fuzz_below(eft_array_size(faults))];
	struct eft_sigaction *action = &actions[signal];
	unsigned kind = fuzz_below(8);

	action->handler = kind == 0   ? SIG_DFL
			  : kind == 1 ? SIG_IGN
				      : (void *)handle;
	action->flags = SA_SIGINFO | flags[fuzz_below(3)] |
			(fuzz_below(2) ? SA_ONSTACK : 0);
	action->mask = any_mask();
	fuzz_check(eft_sys_rt_sigaction(signal, action, NULL, 8) == 0);
}

static void set_alternate(void)
{
	struct eft_sigstack wanted = {
		.start = fuzz_below(4) ? other : any_address(),
		.flags = fuzz_below(4) == 1 ? SS_AUTODISARM : 0,
		.size = fuzz_below(4) ? 10 * PAGE + fuzz_below(PAGE)
				      : fuzz_u64(),
	};
	uintptr_t here = (uintptr_t)&wanted;
	bool there = on_alternate(here) && !(alternate.flags & SS_AUTODISARM);
	long result;

	if (on_edge_of_alternate(here))
		return;
	result = eft_sys_sigaltstack(&wanted, NULL);
	fuzz_check(result == (there		   ? -EPERM
			      : wanted.size < 2048 ? -ENOMEM
						   : 0));
	if (result == 0)
		alternate = wanted;
}

static void make_up_trap(void)
{
	uint64_t *words = (uint64_t *)&regs;
	unsigned kind = fuzz_below(16);

	for (unsigned i = 0; i < sizeof(regs) / 8; i++)
		words[i] = i * 0x0101010101010101;
	regs.rbp = any_address();
	regs.rsp = fuzz_below(4) ? any_good_stack() : any_address();
	regs.rip = kind == 0   ? any_address()
		   : kind == 1 ? (uintptr_t)eft_touch_stack + fuzz_below(8)
		   : kind == 2
			   ? (uintptr_t)eft_image_libos_text + fuzz_below(PAGE)
			   : stub_at(fuzz_below(STUBS));
	regs.rflags = FIXED_FLAG | (fuzz_u64() & USER_FLAGS);
	regs.vector = fuzz_below(32);
	trap = (struct eft_trap){
		.regs = &regs,
		.signal = faults[fuzz_below(eft_array_size(faults))],
	};
	if (trap.signal != SIGSEGV && trap.signal != SIGBUS)
		return;
	trap.access = fuzz_below(2) ? 1 << fuzz_below(3) : 0;
	trap.addr = trap.access != 0 ? any_address() : 0;
}

/* struct eft_context's order. */
static void expect_registers(void)
{
	expected = (struct registers){
		regs.r8,  regs.r9,  regs.r10, regs.r11, regs.r12, regs.r13,
		regs.r14, regs.r15, regs.rdi, regs.rsi, regs.rbp, regs.rbx,
		regs.rdx, regs.rax, regs.rcx, 0,	0,	  0,
	};
}

static void check_landing(void)
{
	uint64_t blocked;

	fuzz_check(handled);
	fuzz_check(memcmp(&trap_landed, &expected, 17 * 8) == 0);
	fuzz_check(((trap_landed.rflags ^ expected.rflags) & USER_FLAGS) == 0);
	fuzz_check(eft_sys_rt_sigprocmask(0, NULL, &blocked, 8) == 0);
	fuzz_check(blocked == mask_after);
	mask = blocked;
	if (actions[trap.signal].flags & SA_RESETHAND)
		actions[trap.signal].handler = SIG_DFL;
}

static bool looks_ahead(const struct eft_regs *before)
{
	return before->rip >= (uintptr_t)eft_touch_stack &&
	       before->rip < (uintptr_t)eft_touch_stack_end;
}

static void do_trap(void)
{
	struct eft_regs before;
	uintptr_t context;

	make_up_trap();
	expect_registers();
	before = regs;
	must_crash = !is_resolved() && !is_handled() && !looks_ahead(&regs);
	may_crash = !must_crash &&
		    !is_writable(expected_top() - ROOM_BYTES, ROOM_BYTES);
	crash_signal = trap.signal;
	handled = false;
	eft_trap(&trap);
	fuzz_check(!must_crash);
	if (trap.stack_top == 0) {
		fuzz_check(is_resolved() || looks_ahead(&before));
		fuzz_check(memcmp(&regs, &before,
				  offsetof(struct eft_regs, rip)) == 0);
		return;
	}
	fuzz_check(trap.stack_top == expected_top());
	before = regs;
	eft_plat_guest_divert(&regs, &trap);
	context = regs.rsp;
	regs = before;
	trap_go(context);
	check_landing();
}

void fuzz_one(void)
{
	make_memory();
	for (unsigned i = 0; i < TRAPS && fuzz_more(); i++) {
		for (unsigned n = fuzz_below(4); n > 0; n--)
			set_action();
		if (fuzz_below(4) == 1)
			set_alternate();
		if (fuzz_below(8) == 1)
			set_mask(any_mask());
		do_trap();
	}
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Running core's threads in a test.
 *
 * The boot context of a run has a stack of its own, so that a test goes on
 * after an exit or a crash wherever those happened: the run's stacks are left
 * as they are. AddressSanitizer wants to be told of each change of stacks; the
 * linker puts the functions named __wrap_ in front of core's (--wrap).
 */
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

#include "core/arch/x86_64/switch.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/thread/scheduler.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"

/* Who runs threads has them wait for each other. */
eft_needs(eft_mutex_wait);
eft_needs(eft_mutex_pass);

enum { BOOT_STACK = 1 << 20, THREAD_ORDER = 5 };

void __real_eft_switch(struct eft_thread *from, struct eft_thread *to);
void __wrap_eft_switch(struct eft_thread *from, struct eft_thread *to);
void __real_eft_thread_started(void);
void __wrap_eft_thread_started(void);
void __real_eft_thread_bury(struct eft_thread *thread);
void __wrap_eft_thread_bury(struct eft_thread *thread);

/*
 * What core keeps is known from RAM, where LeakSanitizer does not look: tests
 * count instead.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

struct stack {
	uintptr_t start, end;
};

int fake_status;
bool fake_keeps_threads;

static struct stack boot_stack;
static struct eft_thread outside, boot; /* saved stack pointers */
static bool running;
static enum fake_end how;
static struct {
	void (*function)(void *);
	void *arg;
} work;

/* Stacks that core speaks of; a number is the place, from 1 on. */
static struct stack noted[256];

unsigned fake_note_stack(uintptr_t start, uintptr_t end)
{
	for (unsigned i = 0; i < eft_array_size(noted); i++) {
		if (noted[i].start != 0)
			continue;
		noted[i] = (struct stack){start, end};
		return i + 1;
	}
	return 0;
}

void fake_forget_stack(unsigned number)
{
	if (number != 0)
		noted[number - 1] = (struct stack){0, 0};
}

/* The smallest that (sp) is in: a handler's may lie within a thread's. */
static struct stack noted_stack(uintptr_t sp)
{
	uintptr_t page = eft_align_down(sp, EFT_PAGE_SIZE);
	struct stack found = {page, page + EFT_PAGE_SIZE};
	size_t least = SIZE_MAX;

	for (unsigned i = 0; i < eft_array_size(noted); i++) {
		const struct stack *stack = &noted[i];

		if (sp - stack->start >= stack->end - stack->start ||
		    stack->end - stack->start >= least)
			continue;
		found = *stack;
		least = stack->end - stack->start;
	}
	return found;
}

static struct stack stack_of(const struct eft_thread *thread)
{
	struct stack stack;

	if (thread == &outside)
		host_stack(&stack.start, &stack.end);
	else if (thread == &boot || thread == eft_cpu()->idle)
		stack = boot_stack;
	else
		stack = noted_stack(thread->sp);
	return stack;
}

void __wrap_eft_switch(struct eft_thread *from, struct eft_thread *to)
{
	struct stack stack = stack_of(to);
	void *fake_stack;

	__sanitizer_start_switch_fiber(&fake_stack, (void *)stack.start,
				       stack.end - stack.start);
	__real_eft_switch(from, to);
	__sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
}

void __wrap_eft_thread_started(void)
{
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
	__real_eft_thread_started();
}

void __wrap_eft_thread_bury(struct eft_thread *thread)
{
	__real_eft_thread_bury(thread);
	if (!fake_keeps_threads)
		eft_threads_trim();
}

void fake_finish(enum fake_end end, int status)
{
	if (!running)
		host_abort("an end outside of fake_run()", fake_console);
	running = false;
	how = end;
	fake_status = status;
	__wrap_eft_switch(&boot, &outside);
	__builtin_unreachable();
}

void fake_return(void)
{
	fake_finish(FAKE_RETURNED, 0);
}

static void boot_begin(void)
{
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
	work.function(work.arg);
	fake_return();
}

static void make_boot_stack(void)
{
	if (boot_stack.start == 0) {
		boot_stack.start = host_reserve(BOOT_STACK) + EFT_PAGE_SIZE;
		boot_stack.end = boot_stack.start + BOOT_STACK - EFT_PAGE_SIZE;
		host_map_zero(boot_stack.start, BOOT_STACK - EFT_PAGE_SIZE,
			      EFT_PROT_READ | EFT_PROT_WRITE);
	}
	__asan_unpoison_memory_region((void *)boot_stack.start,
				      boot_stack.end - boot_stack.start);
}

enum fake_end fake_run_boot(void (*function)(void *), void *arg)
{
	struct eft_switch_frame *frame;

	make_boot_stack();
	/* As if boot_begin() were called: 8 past a multiple of 16. */
	frame = (struct eft_switch_frame *)(boot_stack.end - 8) - 1;
	*frame = (struct eft_switch_frame){
		.mxcsr = EFT_MXCSR_RESET,
		.x87_control = EFT_X87_RESET,
		.rip = (uintptr_t)boot_begin,
	};
	boot.sp = (uintptr_t)frame;
	work.function = function;
	work.arg = arg;
	running = true;
	__wrap_eft_switch(&outside, &boot);
	return how;
}

struct call {
	void (*function)(void *);
	void *arg;
};

static void call_and_return(void *arg)
{
	struct call *call = arg;

	call->function(call->arg);
	fake_return();
}

static void as_thread(void *arg)
{
	struct eft_thread *thread =
		eft_thread_create("test", call_and_return, arg, THREAD_ORDER);

	if (thread == NULL)
		host_abort("no memory for the test's thread", "");
	thread->id = 1; /* as a program's first has */
	eft_idle();
}

enum fake_end fake_run(void (*function)(void *), void *arg)
{
	struct call call = {function, arg};
	enum fake_end end = fake_run_boot(as_thread, &call);
	struct eft_cpu *cpu = eft_cpu();

	/* What the test calls next runs as the idle thread again. */
	cpu->thread = cpu->idle;
	cpu->irq_off = 0;
	cpu->held.count = cpu->idle->held.count = 0;
	return end;
}

/*
 * A program. Its stack belongs to the window, and is no fiber of anybody's.
 */
void (*fake_program)(const uintptr_t *stack);

void fake_program_enter(const uintptr_t *stack);

void fake_program_enter(const uintptr_t *stack)
{
	fake_program(stack);
	fake_return();
}

__asm__(".globl fake_start\n"
	"fake_start:\n\t"
	"mov %rsp, %rdi\n\t"
	"call fake_program_enter\n\t"
	"ud2");

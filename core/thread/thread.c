// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads: how they begin.
 */
#include "core/arch/x86_64/switch.h"
#include "core/dev/cpus.h"
#include "core/dev/heapwatch.h"
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/thread/scheduler.h"
#include "core/time.h"
#include "core/trace.h"

static struct eft_run_queue boot_queue = {
	.lock = EFT_LOCK_INIT(EFT_RANK_RUN_QUEUE),
};
static struct eft_timers boot_timers = {
	.lock = EFT_LOCK_INIT(EFT_RANK_TIMERS),
};
static struct eft_thread boot_thread;
static struct eft_cpu boot_cpu;

struct eft_cpu *eft_cpus[EFT_CPUS_MAX];
unsigned eft_cpus_count;

bool eft_threads_several;

/*
 * Numbers below zero are the libOS's own threads'. A program's first thread is
 * 1 until there are several; eft_threads_add() gives those their numbers.
 */
static int last_own_id;

void eft_cpu_init(struct eft_cpu *cpu, struct eft_run_queue *queue,
		  struct eft_timers *timers, struct eft_thread *idle)
{
	eft_list_init(&queue->ready);
	timers->next = EFT_FOREVER;
	idle->state = EFT_THREAD_RUNNING;
	idle->cpu = cpu;
	idle->affinity = UINT64_MAX;
	cpu->self = cpu;
	cpu->thread = cpu->idle = idle;
	cpu->process = &eft_first_process;
	cpu->queue = queue;
	cpu->demand_paged = eft_plat->map_zero == NULL;
	cpu->timers = timers;
	cpu->slice_end_ns = cpu->timer_ns = EFT_FOREVER;
}

void eft_thread_init(const char *boot_name)
{
	boot_thread.name = boot_name;
	eft_cpu_init(&boot_cpu, &boot_queue, &boot_timers, &boot_thread);
	eft_plat->set_cpu(&boot_cpu);
	eft_cpus[0] = &boot_cpu;
	eft_cpus_count = 1;
}

unsigned eft_thread_note_stack(uintptr_t start, uintptr_t end)
{
	if (eft_plat->note_stack == NULL)
		return 0;
	return eft_plat->note_stack(start, end);
}

void eft_thread_forget_stack(unsigned number)
{
	if (eft_plat->forget_stack != NULL)
		eft_plat->forget_stack(number);
}

/* The stack below (top) is the program's: as much as is mapped there. */
static __attribute__((noinline)) void
note_program_stack(struct eft_thread *thread, uintptr_t top)
{
	struct eft_range range;

	if (!eft_range_next(top - 1, &range))
		return;
	thread->stack_number = eft_thread_note_stack(range.start, top);
	eft_file_put(range.file);
}

enum { STACK_ORDER = 2, STACK_TOP_BYTES = 16 };

/*
 * The last thread that was buried, and its stack, unless somebody watches the
 * heap: to make a thread and to join it, time after time, goes by way of both
 * allocators otherwise.
 */
static struct eft_thread *spare; /* atomic */

static void release(struct eft_thread *thread)
{
	eft_page_free(thread->stack);
	eft_free(thread);
}

void eft_threads_trim(void)
{
	struct eft_thread *thread =
		__atomic_exchange_n(&spare, NULL, __ATOMIC_ACQUIRE);

	if (thread != NULL)
		release(thread);
}

/* Zeroes, but for a stack of 2^order pages. */
static struct eft_thread *allocate(unsigned order, size_t owner_bytes)
{
	struct eft_thread *thread = eft_alloc(sizeof(*thread) + owner_bytes);

	if (thread == NULL)
		return NULL;
	thread->stack = eft_page_alloc(order);
	if (thread->stack == NULL) {
		eft_free(thread);
		return NULL;
	}
	thread->stack_top = (uintptr_t)thread->stack +
			    (EFT_PAGE_SIZE << order) - STACK_TOP_BYTES;
	thread->owner_bytes = owner_bytes;
	return thread;
}

/* The same of the spare thread, if it is like that. */
static struct eft_thread *take_spare(size_t owner_bytes)
{
	struct eft_thread *thread = NULL;
	uintptr_t stack_top;
	void *stack;

	if (__atomic_load_n(&spare, __ATOMIC_RELAXED) != NULL)
		thread = __atomic_exchange_n(&spare, NULL, __ATOMIC_ACQUIRE);
	if (thread == NULL)
		return NULL;
	if (thread->owner_bytes != owner_bytes) {
		release(thread);
		return NULL;
	}
	stack = thread->stack;
	stack_top = thread->stack_top;
	memset(thread, 0, sizeof(*thread) + owner_bytes);
	thread->stack = stack;
	thread->stack_top = stack_top;
	thread->owner_bytes = owner_bytes;
	return thread;
}

static __attribute__((noinline)) void
note_libos_stack(struct eft_thread *thread)
{
	thread->libos_stack_number = eft_thread_note_stack(
		(uintptr_t)thread->stack, thread->stack_top + STACK_TOP_BYTES);
}

/* (thread) begins at (trampoline), which finds the words in its registers. */
static void prepare(struct eft_thread *thread, void (*trampoline)(void),
		    uintptr_t r12, uintptr_t r13, uintptr_t r14)
{
	struct eft_switch_frame *frame;

	*(uint32_t *)thread->stack = EFT_STACK_END;
	frame = (struct eft_switch_frame *)thread->stack_top - 1;
	frame->mxcsr = EFT_MXCSR_RESET;
	frame->x87_control = EFT_X87_RESET;
	frame->pad = 0;
	frame->r15 = frame->rbx = frame->rbp = 0;
	frame->r12 = r12;
	frame->r13 = r13;
	frame->r14 = r14;
	frame->rip = (uintptr_t)trampoline;
	thread->sp = (uintptr_t)frame;
	thread->cpu = eft_cpu();
	thread->affinity = eft_current()->affinity;
	thread->attention =
		eft_tracing | EFT_LOCKCHECK_ATTENTION |
		(eft_heap_watch != NULL ? EFT_ATTENTION_WATCHED : 0);
	if (eft_unlikely(eft_plat->note_stack != NULL))
		note_libos_stack(thread);
}

struct eft_thread *eft_thread_create(const char *name, void (*function)(void *),
				     void *arg, unsigned stack_order)
{
	struct eft_thread *thread = allocate(stack_order, 0);

	if (thread == NULL)
		return NULL;
	prepare(thread, eft_thread_trampoline, (uintptr_t)function,
		(uintptr_t)arg, 0);
	thread->name = name;
	thread->id = __atomic_sub_fetch(&last_own_id, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&eft_threads_several, true, __ATOMIC_RELAXED);
	eft_thread_ready(thread);
	return thread;
}

struct eft_thread *eft_thread_create_program(uintptr_t entry, uintptr_t sp)
{
	struct eft_thread *thread = allocate(STACK_ORDER, 0);

	if (thread == NULL)
		return NULL;
	prepare(thread, eft_program_trampoline, entry, sp, 0);
	thread->name = "main";
	thread->id = 1;
	return thread;
}

struct eft_thread *eft_thread_create_on(const char *name,
					void (*function)(void *), void *arg,
					uintptr_t stack_top, uintptr_t tls,
					size_t owner_bytes)
{
	struct eft_thread *thread = take_spare(owner_bytes);

	if (thread == NULL)
		thread = allocate(STACK_ORDER, owner_bytes);
	if (thread == NULL)
		return NULL;
	prepare(thread, eft_clone_trampoline, (uintptr_t)function,
		(uintptr_t)arg, eft_align_down(stack_top, 16));
	if (eft_unlikely(eft_plat->note_stack != NULL))
		note_program_stack(thread, stack_top);
	thread->name = name;
	thread->tls = tls;
	if (owner_bytes != 0)
		thread->owner = thread + 1;
	__atomic_store_n(&eft_threads_several, true, __ATOMIC_RELAXED);
	return thread;
}

bool eft_is_on_libos_stack(uintptr_t rsp)
{
	const struct eft_thread *thread = eft_current();
	uintptr_t start = (uintptr_t)thread->stack;

	return rsp - start <= thread->stack_top - start;
}

uintptr_t eft_libos_stack_top(void)
{
	return eft_current()->stack_top;
}

void eft_thread_bury(struct eft_thread *thread)
{
	size_t bytes;

	eft_assert(thread->state == EFT_THREAD_DEAD);
	eft_assert(eft_stack_is_whole(thread));
	if (thread->stack_number != 0)
		eft_thread_forget_stack(thread->stack_number);
	if (thread->libos_stack_number != 0)
		eft_thread_forget_stack(thread->libos_stack_number);
	if (thread->buried != NULL)
		thread->buried(thread);
	bytes = thread->stack_top + STACK_TOP_BYTES - (uintptr_t)thread->stack;
	eft_assert(bytes % EFT_PAGE_SIZE == 0);
	if (eft_heap_watch == NULL && bytes == EFT_PAGE_SIZE << STACK_ORDER)
		thread = __atomic_exchange_n(&spare, thread, __ATOMIC_ACQ_REL);
	if (thread != NULL)
		release(thread);
}

void eft_thread_set_tls(uintptr_t tls)
{
	eft_current()->tls = tls;
	eft_plat->set_thread_pointer(tls);
}

void eft_irq_deliver(void)
{
	if (eft_cpu_send_kicks != NULL) {
		eft_irq_off();
		eft_cpu_send_kicks();
		eft_irq_on_quietly();
	}
	eft_plat->deliver_interrupts();
	if (eft_yield_wanted())
		eft_yield();
}

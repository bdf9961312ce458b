// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads, futexes and signals under a scheduler that the input drives: each
 * thread takes its next step from the input when it runs, and the step says
 * after how many locks of the libOS it is interrupted, for another to run.
 *
 * Checked: mutexes exclude; no wake-up is lost: when all wait for ever, each
 * of them does so for a reason; what is blocked stays away, and a queued signal
 * comes once; sleeps are as long as they were to be; nothing is left behind.
 */
#include "fuzz/threads.h"
#include "core/arch/x86_64/cpu.h"
#include "core/boot.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/time.h"
#include "posix/futex/futex.h"
#include "posix/musl/overlay/arch/x86_64/eft_clone.h"
#include "posix/signal/restart.h"
#include "posix/time/time.h"

/* clone(2)'s: a thread, as the C library makes one. */
enum { CLONE_FLAGS = 0x100 | 0x10000 | 0x80000 | 0x200000 | 0x1000000 };
enum { STACK_ORDER = 4, STEPS = 400 };

struct model_thread model_threads[MODEL_THREADS];

static uint32_t mutexes[MUTEXES], words[WORDS];
static const struct model_thread *owners[MUTEXES];
static uint64_t woken, returned; /* waits for words */
static unsigned steps;

static bool may_end(enum fake_end end);

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	fake_plat.identity(&eft_process()->identity);
	fuzz_may_end = may_end;
	signals_boot();
}

struct model_thread *myself(void)
{
	struct eft_task *task = eft_task_current();

	for (unsigned i = 0; i < MODEL_THREADS; i++)
		if (model_threads[i].task == task)
			return &model_threads[i];
	fuzz_check(!"a thread that there is");
	return NULL;
}

void wait_begins(enum reason reason, unsigned number, uint64_t set)
{
	struct model_thread *self = myself();

	self->number = number;
	self->set = set;
	self->reason = reason;
}

void wait_ends(void)
{
	myself()->reason = AWAKE;
}

void before_call(void)
{
	if (eft_current()->attention & EFT_ATTENTION_SIGNAL)
		eft_call_settle(0);
}

/*
 * When all wait: is it right?
 */
static void check_waiting(const struct model_thread *thread)
{
	unsigned number = thread->number;

	switch (thread->reason) {
	case FOR_MUTEX:
		fuzz_check(mutexes[number] != 0 && owners[number] != NULL);
		break;
	case FOR_WORD:
		break;
	case FOR_END:
		fuzz_check(model_threads[number].tid != 0);
		break;
	case FOR_SIGNAL:
	case FOR_HANDLER:
		break;
	default:
		fuzz_check(!"one of them need not wait");
	}
	signals_check_waiting(thread);
}

static bool may_end(enum fake_end end)
{
	if (end != FAKE_STUCK)
		return false;
	for (unsigned i = 0; i < MODEL_THREADS; i++) {
		fuzz_check(model_threads[i].begun || !model_threads[i].stack);
		if (model_threads[i].task != NULL)
			check_waiting(&model_threads[i]);
	}
	fuzz_check(woken == returned);
	return true;
}

/*
 * Mutexes (U. Drepper, "Futexes Are Tricky"): 0 free, 1 taken, 2 waited for.
 */
static void lock(unsigned number)
{
	uint32_t *word = &mutexes[number], seen = 0;
	struct model_thread *self = myself();

	if (self->holds[number])
		return;
	wait_begins(FOR_MUTEX, number, 0);
	if (!__atomic_compare_exchange_n(word, &seen, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0) {
			before_call();
			if (eft_sys_futex(word, FUTEX_WAIT, 2, NULL, NULL, 0) ==
			    0)
				returned++;
		}
	}
	wait_ends();
	fuzz_check(owners[number] == NULL);
	owners[number] = self;
	self->holds[number] = true;
}

static void unlock(unsigned number)
{
	struct model_thread *self = myself();

	if (!self->holds[number])
		return;
	fuzz_check(owners[number] == self);
	owners[number] = NULL;
	self->holds[number] = false;
	if (__atomic_exchange_n(&mutexes[number], 0, __ATOMIC_RELEASE) == 2)
		woken += (uint64_t)eft_sys_futex(&mutexes[number], FUTEX_WAKE,
						 1, NULL, NULL, 0);
}

static void do_lock(void)
{
	lock(fuzz_below(MUTEXES));
}

static void do_unlock(void)
{
	unlock(fuzz_below(MUTEXES));
}

/*
 * Words.
 */
static void do_wait(void)
{
	unsigned number = fuzz_below(WORDS), ns = fuzz_below(256);
	struct eft_timespec timeout = eft_time_to(ns);
	uint64_t end = eft_now_ns() + ns;
	long result;

	before_call();
	wait_begins(ns ? FOR_TIME : FOR_WORD, number, 0);
	result = eft_sys_futex(&words[number], FUTEX_WAIT, words[number],
			       ns ? &timeout : NULL, NULL, 0);
	wait_ends();
	returned += result == 0;
	fuzz_check(result == 0 || result == -EINTR || result == -EAGAIN ||
		   (ns && result == -ETIMEDOUT));
	if (result == -ETIMEDOUT)
		fuzz_check(eft_now_ns() >= end);
}

static void do_wake(void)
{
	unsigned number = fuzz_below(WORDS);
	int count = 1 + (int)fuzz_below(3);
	long result;

	before_call();
	words[number] += fuzz_below(2);
	result = eft_sys_futex(&words[number], FUTEX_WAKE, (uint32_t)count,
			       NULL, NULL, 0);
	fuzz_check(result >= 0 && result <= count);
	woken += (uint64_t)result;
}

static void do_requeue(void)
{
	unsigned number = fuzz_below(WORDS);
	long result;

	before_call();
	result = eft_futex_requeue(&words[number], FUTEX_REQUEUE, 0,
				   (void *)(uintptr_t)fuzz_below(4),
				   &words[(number + 1) % WORDS], 0);
	fuzz_check(result >= 0);
}

/*
 * Time.
 */
static void do_sleep(void)
{
	uint64_t ns = fuzz_below(2000), end = eft_now_ns() + ns;
	struct eft_timespec time = eft_time_to(ns), left;
	long result;

	before_call();
	wait_begins(FOR_TIME, 0, 0);
	result = eft_sys_nanosleep(&time, &left);
	wait_ends();
	fuzz_check(result == 0 || result == -EINTR);
	if (result == 0)
		fuzz_check(eft_now_ns() >= end);
	else
		fuzz_check(left.sec == 0 && (uint64_t)left.nsec <= ns);
}

static void do_yield(void)
{
	before_call();
	eft_sys_sched_yield();
}

static void do_pass(void)
{
	fake_advance(fuzz_below(2000));
}

/*
 * Threads.
 */
static void live(void);

/* As pthread_exit() does with its own; others' waiters are let go. */
static void leave(struct model_thread *self)
{
	for (unsigned i = 0; i < MUTEXES; i++)
		unlock(i);
	self->task = NULL;
}

static int begin(void *arg)
{
	struct model_thread *self = arg;

	self->task = eft_task_current();
	self->begun = true;
	live();
	leave(self);
	return (int)eft_sys_exit(0);
}

static struct model_thread *free_thread(void)
{
	for (unsigned i = 1; i < MODEL_THREADS; i++)
		if (model_threads[i].stack == 0)
			return &model_threads[i];
	return NULL;
}

static void do_create(void)
{
	struct model_thread *thread = free_thread(), *self = myself();
	struct eft_clone request = {.flags = CLONE_FLAGS, .tls = 8};
	size_t size = EFT_PAGE_SIZE << STACK_ORDER;
	long tid;

	if (thread == NULL)
		return;
	thread->tid = 1; /* until the libOS says more */
	thread->stack = 1;
	before_call();
	thread->stack = (uintptr_t)eft_page_alloc(STACK_ORDER);
	fuzz_check(thread->stack != 0);
	thread->stack_number =
		fake_note_stack(thread->stack, thread->stack + size);
	thread->mask = thread->sure = self->mask;
	request.stack_top = thread->stack + size;
	request.child_tid = &thread->tid;
	tid = eft_clone(begin, thread, &request);
	fuzz_check(tid > 0);
}

/* Its stack is ours to free when its word says so. */
static void join(unsigned number)
{
	struct model_thread *thread = &model_threads[number];
	uint32_t tid;

	if (thread->stack == 0)
		return;
	wait_begins(FOR_END, number, 0);
	while ((tid = __atomic_load_n(&thread->tid, __ATOMIC_ACQUIRE)) != 0) {
		before_call();
		eft_sys_futex(&thread->tid, FUTEX_WAIT, tid, NULL, NULL, 0);
	}
	wait_ends();
	fuzz_check(thread->task == NULL && thread->begun);
	fake_forget_stack(thread->stack_number);
	eft_page_free((void *)thread->stack);
	*thread = (struct model_thread){.task = NULL};
}

/* Only the first thread does: a second joiner would not be woken. */
static void do_join(void)
{
	unsigned number = 1 + fuzz_below(MODEL_THREADS - 1);

	if (myself() == model_threads)
		join(number);
}

static void step(void)
{
	static void (*const mine[])(void) = {
		do_lock,  do_unlock, do_wait,	do_wake, do_requeue,
		do_sleep, do_yield,  do_create, do_join, do_pass,
	};
	unsigned which = fuzz_u8(), count = eft_array_size(mine);

	fake_preempt_after(which / 32 ? 1 + fuzz_below(16) : 0);
	which = which % 32 % (count + SIGNAL_STEPS);
	if (which < count)
		mine[which]();
	else
		signal_step(which - count);
	signals_check_mask();
}

static void live(void)
{
	while (fuzz_more() && steps++ < STEPS) {
		step();
		if (myself() != model_threads && fuzz_below(32) == 1)
			break;
	}
}

/* The others go on without more input, and end if they can. */
void fuzz_one(void)
{
	model_threads[0].task = eft_task_current();
	model_threads[0].tid = 1;
	model_threads[0].begun = true;
	live();
	for (unsigned i = 0; i < MUTEXES; i++)
		unlock(i);
	for (unsigned i = 0; i < WORDS; i++)
		woken += (uint64_t)eft_sys_futex(&words[i], FUTEX_WAKE,
						 INT32_MAX, NULL, NULL, 0);
	for (unsigned i = 1; i < MODEL_THREADS; i++)
		join(i);
	fake_preempt_after(0);
	signals_end();
	fuzz_check(eft_process()->tasks->others == 0);
	fuzz_check(woken == returned);
	fuzz_check_left();
}

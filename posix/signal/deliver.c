// SPDX-License-Identifier: BSD-3-Clause
/*
 * Handling what is due to the calling thread.
 *
 * WHEN     A system call has returned (posix/sys/enter.c), or the program was
 *          interrupted elsewhere (eft_context_entered()).
 * NESTING  As on Linux, all signals that are due have begun before the first
 *          handler's own code runs: the last that began runs first.
 * CONTEXT  A handler may change what it interrupted: registers, and what is
 *          blocked. It may leave by siglongjmp(), so that nothing is held
 *          here, and nothing is to be undone but what the context says.
 */
#include "core/arch/x86_64/context.h"
#include "core/boot.h"
#include "core/trace.h"
#include "posix/signal/restart.h"
#include "posix/signal/signal.h"

/* Only images with files that are not in memory have it. */
#pragma weak eft_threads_are_parked
#pragma weak eft_park_if_asked

void eft_signals_update_locked(struct eft_task *task)
{
	uint64_t blocked = task->signals.blocked;

	if (eft_signals_due(task, blocked) != 0 ||
	    task->signals.interrupt_next ||
	    (eft_threads_are_parked != NULL && eft_threads_are_parked()))
		eft_thread_interrupt(task->thread);
	else if (task->thread->attention & EFT_ATTENTION_SIGNAL)
		eft_thread_attended();
}

void eft_signals_retarget_locked(struct eft_task *task, uint64_t set)
{
	struct eft_process *process = eft_process();
	uint64_t waiting = process->signals->pending.set & set;
	struct eft_task *other = NULL;

	while (waiting != 0 &&
	       (other = eft_tasks_next_locked(process, other)) != NULL) {
		uint64_t takes = waiting & ~eft_signals_blocked(other);

		if (other == task || takes == 0)
			continue;
		eft_thread_interrupt(other->thread);
		waiting &= ~takes;
	}
}

void eft_signals_block_locked(struct eft_task *task, uint64_t mask)
{
	uint64_t more = mask & ~task->signals.blocked;

	task->signals.blocked = mask;
	if (eft_unlikely(eft_process()->signals->pending.set & more))
		eft_signals_retarget_locked(task, more);
}

/*
 * It is off the list of tasks: who sends a signal from now on does not find it,
 * and what was sent before is seen here, as the list's lock came in between.
 */
void eft_signals_leave(struct eft_task *task)
{
	if (eft_signals_due(task, 0) != 0) {
		eft_lock(&eft_tasks_lock);
		eft_signals_drop_locked(&task->signals.pending, UINT64_MAX);
		eft_signals_retarget_locked(task, ~task->signals.blocked);
		eft_unlock(&eft_tasks_lock);
	}
	if (task->signals.stack_number != 0)
		eft_thread_forget_stack(task->signals.stack_number);
}

/* What a fault's handler needs at once: context, vectors and its first calls.
 */
enum { FRAME_BYTES = 8192 };

/* A signal that a handler is to be called for. */
struct delivery {
	struct eft_siginfo info;
	struct eft_sigaction action;
};

/*
 * The signal of (delivery) is about to be handled. What is to be blocked
 * afterwards goes to *ret_restored, and is what sigsuspend() and its like have
 * put aside, if they have.
 */
static void begin_locked(struct eft_task *task, struct delivery *delivery,
			 uint64_t *ret_restored)
{
	struct eft_signals *signals = &task->signals;
	int signal = delivery->info.signal;
	struct eft_sigaction *action = &eft_process()->signals->actions[signal];
	uint64_t mask;

	delivery->action = *action;
	if (action->flags & SA_RESETHAND)
		action->handler = SIG_DFL;
	*ret_restored = signals->restore ? signals->restored : signals->blocked;
	signals->restore = false;
	mask = signals->blocked | delivery->action.mask;
	if (!(delivery->action.flags & SA_NODEFER))
		mask |= eft_signal_bit(signal);
	eft_signals_block_locked(task, mask);
}

/*
 * Take what is due until a handler has to be called: is there one?
 */
static bool begin(struct eft_task *task, struct delivery *delivery,
		  uint64_t *ret_restored)
{
	int signal;

	eft_lock_touch_stack();
	eft_lock(&eft_tasks_lock);
	do {
		signal = eft_signal_take_locked(task, ~task->signals.blocked,
						&delivery->info);
	} while (signal != 0 && eft_signal_is_ignored(eft_process(), signal));
	if (signal == 0) {
		eft_signals_update_locked(task);
		eft_unlock(&eft_tasks_lock);
		return false;
	}
	begin_locked(task, delivery, ret_restored);
	eft_unlock(&eft_tasks_lock);
	eft_trace(EFT_TRACE_SIGNAL, (uintptr_t)&delivery->info, 0);
	if (delivery->action.handler == SIG_DFL)
		eft_signal_die(signal);
	return true;
}

/* After a handler: block (mask) from here on. */
static void end(struct eft_task *task, uint64_t mask)
{
	eft_lock_touch_stack();
	eft_lock(&eft_tasks_lock);
	eft_signals_block_locked(task, eft_signal_blockable(mask));
	eft_signals_update_locked(task);
	eft_unlock(&eft_tasks_lock);
}

/* The top of the stack that a handler is to run on; 0: the one in use. */
static uintptr_t stack_for(const struct eft_task *task,
			   const struct eft_sigaction *action)
{
	const struct eft_sigstack *stack = &task->signals.stack;

	if (!(action->flags & SA_ONSTACK) || stack->size == 0 ||
	    eft_signal_on_stack(task, (uintptr_t)__builtin_frame_address(0)))
		return 0;
	return stack->start + stack->size;
}

static void fill_stack(const struct eft_task *task, struct eft_context *context)
{
	struct eft_sigstack stack =
		eft_signal_stack(task, (uintptr_t)__builtin_frame_address(0));

	context->stack = (void *)stack.start;
	context->stack_flags = stack.flags;
	context->stack_size = stack.size;
}

enum handled {
	HANDLED_NOTHING,   /* no handler was due after all */
	HANDLED_RESTART,   /* the first that ran has SA_RESTART */
	HANDLED_INTERRUPT, /* it has not */
};

static enum handled handle(struct eft_task *task);

static void call(struct eft_task *task, struct delivery *delivery,
		 struct eft_context *context, uintptr_t top)
{
	struct eft_sigaction *action = &delivery->action;
	bool interrupt_next = task->signals.interrupt_next;
	struct eft_sigstack stack = task->signals.stack;

	fill_stack(task, context);
	if (stack.flags & SS_AUTODISARM)
		task->signals.stack = (struct eft_sigstack){0};
	/* It is for the sleep that was interrupted, not for the handler's. */
	task->signals.interrupt_next = false;
	if (eft_signal_is_due())
		handle(task);
	eft_context_handler((void (*)(int, void *, void *))action->handler,
			    delivery->info.signal, &delivery->info, context,
			    top);
	if (stack.flags & SS_AUTODISARM)
		task->signals.stack = stack;
	task->signals.interrupt_next |= interrupt_next;
}

struct handling {
	struct eft_task *task;
	enum handled handled;
};

/* Within eft_context_call(): all that is due, one after the other. */
static void handle_all(struct eft_context *context, void *arg)
{
	struct handling *handling = arg;
	struct eft_task *task = handling->task;
	struct delivery delivery;

	while (begin(task, &delivery, &context->mask[0])) {
		if (handling->handled == HANDLED_NOTHING)
			handling->handled = delivery.action.flags & SA_RESTART
						    ? HANDLED_RESTART
						    : HANDLED_INTERRUPT;
		call(task, &delivery, context,
		     stack_for(task, &delivery.action));
		end(task, context->mask[0]);
	}
}

/*
 * A fault's signal is handled at once, whatever else is due, on the stack that
 * eft_signals_catch() has chosen.
 */
static void handle_fault(struct eft_task *task, struct eft_context *context)
{
	struct delivery delivery = {
		.info = {.signal = (int)context->signal,
			 .code = (int)context->code,
			 .addr = context->address},
	};

	eft_lock(&eft_tasks_lock);
	begin_locked(task, &delivery, &context->mask[0]);
	eft_unlock(&eft_tasks_lock);
	eft_trace(EFT_TRACE_SIGNAL, (uintptr_t)&delivery.info, 0);
	call(task, &delivery, context, 0);
	end(task, context->mask[0]);
}

void eft_signals_interrupted(struct eft_context *context)
{
	struct handling handling = {.task = eft_task_current()};

	if (context->signal != 0)
		handle_fault(handling.task, context);
	handle_all(context, &handling);
}

uintptr_t eft_signals_catch(int signal, uintptr_t rsp)
{
	struct eft_task *task = eft_task_current();
	const struct eft_sigaction *action =
		&eft_process()->signals->actions[signal];
	const struct eft_sigstack *stack = &task->signals.stack;
	uintptr_t top = rsp - EFT_RED_ZONE;

	if (task->signals.blocked & eft_signal_bit(signal) ||
	    action->handler == SIG_DFL || action->handler == SIG_IGN)
		return 0;
	if (action->flags & SA_ONSTACK && stack->size != 0 &&
	    rsp - stack->start >= stack->size)
		top = stack->start + stack->size;
	return eft_signal_touch(top - FRAME_BYTES, FRAME_BYTES) ? top : 0;
}

/* The handlers, in a context of this call. */
static enum handled handle(struct eft_task *task)
{
	struct handling handling = {.task = task};

	eft_context_call(handle_all, &handling);
	return handling.handled;
}

/* A handler's calls are others: what was noted of this one is put aside. */
static bool is_to_be_made_again(struct eft_task *task, long code)
{
	struct eft_thread *self = task->thread;
	uint64_t deadline_ns = self->restart_deadline_ns;
	bool timed = self->timed_wait;
	enum handled handled = HANDLED_NOTHING;

	self->restart_deadline_ns = 0;
	self->timed_wait = false;
	if (eft_signal_is_due())
		handled = handle(task);
	if (task->signals.restore)
		eft_signals_mask_end();
	if (task->signals.interrupt_next) {
		eft_interrupt_next_sleep(false);
		return false;
	}
	if (handled != HANDLED_NOTHING && code != -EFT_RESTART_ALWAYS &&
	    (code != -EFT_RESTART || handled != HANDLED_RESTART || timed))
		return false;
	self->restart_deadline_ns = deadline_ns;
	return true;
}

long eft_signals_settle(long result)
{
	struct eft_task *task = eft_task_current();

	if (eft_park_if_asked != NULL)
		eft_park_if_asked();
	if (eft_is_restart(result))
		return is_to_be_made_again(task, result) ? -EFT_RESTART
							 : -EINTR;
	if (eft_signal_is_due())
		handle(task);
	return result;
}

void eft_signals_mask_begin(uint64_t mask)
{
	struct eft_task *task = eft_task_current();

	eft_lock(&eft_tasks_lock);
	task->signals.restored = task->signals.blocked;
	task->signals.restore = true;
	eft_signals_keep_locked(mask);
	eft_signals_block_locked(task, eft_signal_blockable(mask));
	eft_signals_update_locked(task);
	eft_unlock(&eft_tasks_lock);
}

void eft_signals_mask_end(void)
{
	struct eft_task *task = eft_task_current();

	eft_lock(&eft_tasks_lock);
	if (task->signals.restore)
		eft_signals_block_locked(task, task->signals.restored);
	task->signals.restore = false;
	eft_signals_update_locked(task);
	eft_unlock(&eft_tasks_lock);
}

void eft_interrupt_next_sleep(bool interrupt)
{
	struct eft_task *task = eft_task_current();

	task->signals.interrupt_next = interrupt;
	eft_lock_touch_stack();
	eft_lock(&eft_tasks_lock);
	eft_signals_update_locked(task);
	eft_unlock(&eft_tasks_lock);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The stack that a thread wants its handlers to run on.
 */
#include "core/arch/x86_64/image.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/user.h"
#include "posix/signal/signal.h"
#include "posix/sys/enter.h"
#include "posix/syscalls.h"

/* Linux's least (MINSIGSTKSZ, arch/x86/include/uapi/asm/signal.h). */
enum { LEAST_BYTES = 2048 };

bool eft_signal_on_stack(const struct eft_task *task, uintptr_t rsp)
{
	const struct eft_sigstack *stack = &task->signals.stack;

	return !(stack->flags & SS_AUTODISARM) &&
	       rsp - stack->start < stack->size;
}

/* The image's data is there; the rest is brought in. */
static bool touch_page(uintptr_t addr)
{
	struct eft_range range;

	if (addr >= (uintptr_t)eft_image_data &&
	    addr < (uintptr_t)eft_image_end)
		return true;
	if (!eft_range_next(addr, &range))
		return false;
	eft_file_put(range.file);
	if (range.start > addr || !(range.prot & EFT_PROT_WRITE))
		return false;
	return !eft_cpu()->demand_paged ||
	       eft_range_fault(addr, EFT_PROT_WRITE) == EFT_FAULT_RESOLVED;
}

bool eft_signal_touch(uintptr_t start, size_t len)
{
	uintptr_t last = start + len - 1;
	uintptr_t addr = eft_align_down(start, EFT_PAGE_SIZE);

	if (last < start)
		return false;
	while (touch_page(addr)) {
		if (last - addr < EFT_PAGE_SIZE)
			return true;
		addr += EFT_PAGE_SIZE;
	}
	return false;
}

struct eft_sigstack eft_signal_stack(const struct eft_task *task, uintptr_t rsp)
{
	struct eft_sigstack stack = task->signals.stack;

	if (stack.size == 0)
		stack.flags = SS_DISABLE;
	else if (eft_signal_on_stack(task, rsp))
		stack.flags |= SS_ONSTACK;
	return stack;
}

static long set(struct eft_task *task, struct eft_sigstack stack)
{
	int mode = stack.flags & ~SS_AUTODISARM;
	struct eft_signals *signals = &task->signals;

	if (eft_signal_on_stack(task, eft_caller_stack()))
		return -EPERM;
	if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE)
		return -EINVAL;
	if (mode == SS_DISABLE)
		stack = (struct eft_sigstack){0};
	else if (stack.size < LEAST_BYTES)
		return -ENOMEM;
	stack.flags &= SS_AUTODISARM;
	if (signals->stack_number != 0)
		eft_thread_forget_stack(signals->stack_number);
	signals->stack_number = 0;
	if (stack.size != 0) {
		signals->stack_number = eft_thread_note_stack(
			stack.start, stack.start + stack.size);
		eft_signal_touch(stack.start, stack.size);
	}
	signals->stack = stack;
	return 0;
}

long eft_sys_sigaltstack(const struct eft_sigstack eft_user *stack,
			 struct eft_sigstack eft_user *old)
{
	struct eft_sigstack wanted;
	struct eft_task *task = eft_task_current();
	struct eft_sigstack before = eft_signal_stack(task, eft_caller_stack());
	long result = 0;

	if (stack != NULL && eft_get_user(&wanted, stack) != 0)
		return -EFAULT;
	if (stack != NULL)
		result = set(task, wanted);
	return result == 0 ? eft_put_optional(old, &before) : result;
}

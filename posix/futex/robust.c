// SPDX-License-Identifier: BSD-3-Clause
/*
 * The end of a task that holds robust words. What the list leads to is looked
 * at with distrust: a bad one is left where it is bad, as on Linux.
 */
#include "posix/futex/robust.h"
#include "core/abi.h"
#include "posix/futex/futex.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

extern __typeof__(eft_futex_pi_bereave) eft_futex_pi_bereave eft_weak;

#define TID_MASK   0x3fffffffu
#define OWNER_DIED 0x40000000u
#define WAITERS	   0x80000000u

enum { LIST_LIMIT = 2048, PI = 1 };

static uintptr_t without_kind(uintptr_t entry)
{
	return entry & ~(uintptr_t)PI;
}

static bool read_entry(uintptr_t entry, uintptr_t *ret_next)
{
	const struct eft_robust_entry eft_user *at =
		(const struct eft_robust_entry eft_user *)without_kind(entry);

	return eft_get_user(ret_next, &at->next) == 0;
}

/*
 * (word), held by (tid), says that its holder has died. False: there is no
 * such word.
 */
static bool mark(uint32_t eft_user *word, int tid, bool pending)
{
	uint32_t value, expected;

	if (eft_load_word(word, &value) != 0)
		return false;
	/* Unlocked, but who waits was not woken yet. */
	if (pending && value == 0)
		eft_sys_futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
	do {
		if ((int)(value & TID_MASK) != tid)
			return true;
		expected = value;
		if (eft_exchange_word(word, &value,
				      (value & WAITERS) | OWNER_DIED) != 0)
			return false;
	} while (value != expected);
	if (value & WAITERS)
		eft_sys_futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
	return true;
}

/* False: there is no such word. */
static bool release(uintptr_t entry, intptr_t offset, int tid, bool pending)
{
	uintptr_t addr = without_kind(entry) + (uintptr_t)offset;
	uint32_t eft_user *word = (uint32_t eft_user *)addr;

	if (addr % sizeof(uint32_t) != 0)
		return false;
	if (!(entry & PI))
		return mark(word, tid, pending);
	if (eft_futex_touch(word, true) != 0)
		return false;
	if (eft_futex_pi_bereave != NULL)
		eft_futex_pi_bereave(word, tid);
	return true;
}

static void release_all(uintptr_t end, const struct eft_robust_head *head,
			int tid)
{
	uintptr_t entry = head->list.next, next = 0, pending = head->pending;
	bool good = true;

	for (int i = 0; i < LIST_LIMIT && good; i++, entry = next) {
		if (without_kind(entry) == end)
			break;
		/* The word's new owner may change the list: read on first. */
		good = read_entry(entry, &next);
		if (without_kind(entry) != without_kind(pending) &&
		    !release(entry, head->offset, tid, false))
			return;
	}
	if (good && pending != 0)
		release(pending, head->offset, tid, true);
}

void eft_robust_release(struct eft_task *task)
{
	struct eft_robust_head eft_user *from = task->robust;
	struct eft_robust_head head;

	task->robust = NULL;
	if (from != NULL && eft_get_user(&head, from) == 0)
		release_all((uintptr_t)&from->list, &head, task->tid);
}

long eft_sys_get_robust_list(
	int pid, struct eft_robust_head eft_user *eft_user *ret_head,
	size_t eft_user *ret_size)
{
	struct eft_task *task = eft_task_current();
	struct eft_robust_head eft_user *found = task->robust;
	size_t size = sizeof(struct eft_robust_head);

	if (pid != 0 && pid != task->tid) {
		eft_lock(&eft_tasks_lock);
		task = eft_tasks_find_locked(eft_process(), pid);
		if (task != NULL)
			found = task->robust;
		eft_unlock(&eft_tasks_lock);
	}
	if (task == NULL)
		return -ESRCH;
	if (eft_put_user(ret_size, &size) != 0)
		return -EFAULT;
	return eft_put_user(ret_head, &found);
}

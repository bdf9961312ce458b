// SPDX-License-Identifier: BSD-3-Clause
/*
 * The end of a task that holds robust words. What the list leads to is looked
 * at with distrust: a bad one is left where it is bad, as on Linux.
 */
#include "posix/futex/robust.h"
#include "core/abi.h"
#include "core/arch/x86_64/image.h"
#include "core/file.h"
#include "core/mem.h"
#include "posix/futex/futex.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

extern __typeof__(eft_futex_pi_bereave) eft_futex_pi_bereave eft_weak;

#define TID_MASK   0x3fffffffu
#define OWNER_DIED 0x40000000u
#define WAITERS	   0x80000000u

enum { LIST_LIMIT = 2048, PI = 1 };

/* [addr, addr+len) is the program's to read and write. */
static bool is_data(uintptr_t addr, size_t len)
{
	const int prot = EFT_PROT_READ | EFT_PROT_WRITE;
	struct eft_range range;

	if (addr % len != 0)
		return false;
	if (addr >= (uintptr_t)eft_image_data &&
	    addr < (uintptr_t)eft_image_end)
		return true;
	if (!eft_range_next(addr, &range))
		return false;
	eft_file_put(range.file);
	return range.start <= addr && (range.prot & prot) == prot;
}

static bool read_entry(uintptr_t entry, uintptr_t *ret_next)
{
	entry &= ~(uintptr_t)PI;
	if (!is_data(entry, sizeof(struct eft_robust_entry)))
		return false;
	*ret_next = ((struct eft_robust_entry *)entry)->next;
	return true;
}

/* (word), held by (tid), says that its holder has died. */
static void mark(uint32_t *word, int tid, bool pending)
{
	uint32_t value = __atomic_load_n(word, __ATOMIC_RELAXED);

	/* Unlocked, but who waits was not woken yet. */
	if (pending && value == 0)
		eft_sys_futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
	do {
		if ((int)(value & TID_MASK) != tid)
			return;
	} while (!__atomic_compare_exchange_n(
		word, &value, (value & WAITERS) | OWNER_DIED, false,
		__ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	if (value & WAITERS)
		eft_sys_futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* False: there is no such word. */
static bool release(uintptr_t entry, intptr_t offset, int tid, bool pending)
{
	uintptr_t addr = (entry & ~(uintptr_t)PI) + (uintptr_t)offset;
	uint32_t *word = (uint32_t *)addr;

	if (!is_data(addr, sizeof(*word)))
		return false;
	if (!(entry & PI))
		mark(word, tid, pending);
	else if (eft_futex_pi_bereave != NULL)
		eft_futex_pi_bereave(word, tid);
	return true;
}

static void release_all(struct eft_robust_head *head, int tid)
{
	uintptr_t entry = head->list.next, next = 0, pending = head->pending;
	bool good = true;

	for (int i = 0; i < LIST_LIMIT && good; i++, entry = next) {
		if ((entry & ~(uintptr_t)PI) == (uintptr_t)&head->list)
			break;
		/* The word's new owner may change the list: read on first. */
		good = read_entry(entry, &next);
		if ((entry & ~(uintptr_t)PI) != (pending & ~(uintptr_t)PI) &&
		    !release(entry, head->offset, tid, false))
			return;
	}
	if (good && pending != 0)
		release(pending, head->offset, tid, true);
}

void eft_robust_release(struct eft_task *task)
{
	struct eft_robust_head *head = task->robust;
	uintptr_t addr = (uintptr_t)head;

	task->robust = NULL;
	if (head == NULL || !is_data(addr, sizeof(uintptr_t)) ||
	    !is_data(addr + offsetof(struct eft_robust_head, pending),
		     sizeof(uintptr_t)))
		return;
	release_all(head, task->tid);
}

long eft_sys_get_robust_list(int pid, struct eft_robust_head **head,
			     size_t *size)
{
	struct eft_task *task = eft_task_current();
	struct eft_robust_head *found = task->robust;

	if (pid != 0 && pid != task->tid) {
		eft_lock(&eft_tasks_lock);
		task = eft_tasks_find_locked(pid);
		if (task != NULL)
			found = task->robust;
		eft_unlock(&eft_tasks_lock);
	}
	if (task == NULL)
		return -ESRCH;
	*size = sizeof(*found);
	*head = found;
	return 0;
}

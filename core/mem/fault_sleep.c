// SPDX-License-Identifier: BSD-3-Clause
/*
 * Faults that sleep: a page of a file that has to be read, or to be made dirty
 * before it is written.
 *
 * HOW    A fault is met on a stack of the platform's, with interrupts off. So
 *        the trap has the thread read the page itself (eft_divert()), on its
 *        libOS stack, map it, and then try its instruction again: the page is
 *        there by then, or is gone again, and is read again.
 * LOCKS  The instruction may be one of core/arch/x86_64/user.S, and the thread
 *        hold the mutexes that are held over copies. What reads a page takes
 *        none of these. The end of a description may: when others have closed
 *        and unmapped it meanwhile, it is the flusher's.
 */
#include "core/arch/x86_64/switch.h"
#include "core/cache.h"
#include "core/file.h"
#include "core/mem/flusher.h"
#include "core/mem/range.h"
#include "core/pages.h"
#include "core/plat.h"

/* Only images with files that are not in memory have it. */
#pragma weak eft_cached_bring_in
#pragma weak eft_flusher_put

/* Pages of these come and go. */
eft_needs(eft_plat_guest_paging);
eft_needs(eft_plat_process_paging);

static bool put_unless_last(struct eft_file *file)
{
	uint32_t n = __atomic_load_n(&file->references, __ATOMIC_RELAXED);

	while (n > 1) {
		if (__atomic_compare_exchange_n(&file->references, &n, n - 1,
						false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

static void let_go(struct eft_file *file)
{
	if (file == NULL || put_unless_last(file))
		return;
	if (eft_flusher_put != NULL)
		eft_flusher_put(file);
	else
		eft_file_put(file);
}

/*
 * The file that is mapped at (addr), counted, or NULL; its page there, and
 * whether a write is to the file.
 */
static struct eft_file *file_at(uintptr_t addr, uint64_t *ret_index,
				bool *ret_shared)
{
	struct eft_range range;

	if (!eft_range_next(addr, &range))
		return NULL;
	if (range.start > addr) {
		let_go(range.file);
		return NULL;
	}
	*ret_index =
		((uint64_t)range.offset + (addr - range.start)) / EFT_PAGE_SIZE;
	*ret_shared = range.flags & EFT_RANGE_SHARED;
	return range.file;
}

/* What is mapped there by now may be something else, or nothing. */
static void read_absent(void)
{
	struct eft_thread *thread = eft_current();
	struct eft_pages *pages = NULL;
	struct eft_file *file;
	uint64_t index;
	bool shared;

	eft_assert(thread->absent != 0);
	file = file_at(thread->absent, &index, &shared);
	if (file != NULL && file->ops->pages != NULL)
		pages = file->ops->pages(file);
	if (pages != NULL && pages->cached)
		thread->absent_error = eft_cached_bring_in(
			eft_container_of(pages, struct eft_cached, pages),
			index, shared && thread->absent_writes);
	if (pages != NULL && pages->cached && thread->absent_error == 0)
		eft_range_fault(thread->absent, thread->absent_writes
							? EFT_PROT_WRITE
							: EFT_PROT_READ);
	let_go(file);
}

void eft_fault_divert(const struct eft_trap *trap)
{
	struct eft_thread *thread = eft_current();
	struct eft_regs *regs = trap->regs;

	eft_assert(eft_irq_depth() == 0);
	thread->absent = eft_align_down(trap->addr, EFT_PAGE_SIZE);
	thread->absent_writes = trap->access == EFT_PROT_WRITE;
	thread->absent_error = 0;
	if (trap->frame != NULL)
		eft_plat_process_call(trap, read_absent);
	else
		eft_divert(&regs->rsp, &regs->rip, regs->rflags, read_absent);
}

int eft_fault_error(uintptr_t addr)
{
	struct eft_thread *thread = eft_current();
	int error = thread->absent == addr ? thread->absent_error : 0;

	thread->absent_error = 0;
	return error;
}

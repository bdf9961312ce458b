// SPDX-License-Identifier: BSD-3-Clause
/*
 * Futexes that are not the program's own (without FUTEX_PRIVATE): words in a
 * shared mapping of a file are one wherever they are mapped.
 *
 * A word in a file of the tree is known by where it lies in RAM. One in a
 * host's file is a futex of the host's, where other processes may wait for it:
 * there the host does it all, and a helper waits. Words that say who holds them
 * (PI) are known by their address in any case.
 */
#include "core/cache.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/pages.h"
#include "posix/futex/futex.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

/* Only images with files that are not in memory have it. */
#pragma weak eft_cached_keep

struct place {
	uint32_t eft_user *word;
	struct eft_file *file; /* a reference, or NULL */
	bool on_host;
};

bool eft_futex_in_ram(const uint32_t eft_user *word)
{
	uintptr_t addr = (uintptr_t)word, start, end;

	for (unsigned i = 0; eft_page_zone(i, &start, &end); i++) {
		if (addr >= start && addr < end)
			return true;
	}
	return false;
}

static int note(void *page, bool clean, void *arg)
{
	*(void **)arg = page;
	return 0;
}

/* Where the page of (pages) at (index) lies, and stays; or NULL. */
static void *page_of(struct eft_pages *pages, uint64_t index)
{
	void *page = NULL;

	if (!pages->cached)
		eft_pages_with(pages, index, false, note, &page);
	else
		eft_cached_keep(
			eft_container_of(pages, struct eft_cached, pages),
			index, &page);
	return page;
}

static struct place find(uint32_t eft_user *word)
{
	struct place place = {.word = word};
	uintptr_t addr = (uintptr_t)word;
	struct eft_range range;
	struct eft_pages *pages = NULL;
	off_t offset;
	void *page;

	if (eft_futex_check(word) < 0 || !eft_range_next(addr, &range))
		return place;
	place.file = range.file;
	if (range.start > addr || !(range.flags & EFT_RANGE_SHARED))
		return place;
	offset = range.offset + (off_t)(addr - range.start);
	place.on_host = range.flags & EFT_RANGE_HOST;
	if (!place.on_host && range.file != NULL &&
	    range.file->ops->pages != NULL)
		pages = range.file->ops->pages(range.file);
	page = pages != NULL ? page_of(pages, (uint64_t)offset / EFT_PAGE_SIZE)
			     : NULL;
	if (page != NULL)
		place.word = (uint32_t eft_user *)((uintptr_t)page +
						   (addr & EFT_PAGE_MASK));
	return place;
}

static long wait_on_host(uint32_t eft_user *word, int op, uint32_t value,
			 const struct eft_timespec eft_user *timeout,
			 uint32_t bits)
{
	uint64_t deadline;
	uint32_t now;
	int error = eft_futex_deadline(op, timeout, &deadline);

	if (error < 0)
		return error;
	if (bits == 0)
		return -EINVAL;
	/* Before the deadline, which ends the wait if it has passed. */
	if (eft_load_word(word, &now) != 0)
		return -EFAULT;
	if (now != value)
		return -EAGAIN;
	return eft_interrupted(
		eft_hostfile_futex_wait(word, value, bits, deadline),
		deadline == EFT_FOREVER ? EFT_RESTART : EFT_RESTART_UNHANDLED,
		deadline);
}

/* A wait keeps no reference: its handler may never return. */
static long wait(uint32_t eft_user *word, int op, uint32_t value,
		 const struct eft_timespec eft_user *timeout, uint32_t bits)
{
	struct place place = find(word);

	eft_file_put(place.file);
	if (place.on_host)
		return wait_on_host(word, op, value, timeout,
				    (op & FUTEX_COMMAND) == FUTEX_WAIT ? ~0u
								       : bits);
	return eft_sys_futex(place.word, op | FUTEX_PRIVATE, value, timeout,
			     NULL, bits);
}

static long change(uint32_t eft_user *word, int op, uint32_t value,
		   const struct eft_timespec eft_user *timeout,
		   uint32_t eft_user *word2, uint32_t value3, bool two)
{
	struct place a = find(word), b = {.word = word2};
	long result;

	if (two)
		b = find(word2);
	if (a.on_host)
		result = eft_hostfile_futex(word, op, value, (long)timeout,
					    word2, value3);
	else
		result = eft_sys_futex(a.word, op | FUTEX_PRIVATE, value,
				       timeout, b.word, value3);
	eft_file_put(a.file);
	eft_file_put(b.file);
	return result;
}

long eft_futex_shared(uint32_t eft_user *word, int op, uint32_t value,
		      const struct eft_timespec eft_user *timeout,
		      uint32_t eft_user *word2, uint32_t value3)
{
	switch (op & FUTEX_COMMAND) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return wait(word, op, value, timeout, value3);
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
		return change(word, op, value, timeout, word2, value3, false);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_WAKE_OP:
		return change(word, op, value, timeout, word2, value3, true);
	}
	return eft_sys_futex(word, op | FUTEX_PRIVATE, value, timeout, word2,
			     value3);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * What may go into a balloon: images linked with -Wl,-u,eft_balloon have it.
 *
 * HOW    The program's promises are kept: each page that goes lowers what may
 *        still be promised, and a share of what is free stays for the libOS.
 *        While there is too little to give, a timer has the driver try again.
 *        Where the host allows it, a mapping that finds no memory takes pages
 *        back.
 *
 *        These functions are weak where boot (core/boot/boot.c) and the address
 *        space (core/mem/range.c) have them.
 */
#include "core/dev/balloon.h"
#include "core/boot.h"
#include "core/mem.h"
#include "core/mem/range.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/time.h"

enum { KEPT_SHARE = 32, KEPT_MIN = 256 }; /* pages */

#define AGAIN_NS    1000000000ul /* between looks for pages to give */
#define PATIENCE_NS 1000000000ul /* for the host to hear that it loses some */

static void (*const finders[])(struct eft_device_class *class) = {
	eft_plat_guest_find_balloon,
	NULL,
};

static struct eft_device_class balloons = {
	.name = "balloon",
	.finders = finders,
};

static struct eft_space *space; /* of the program, whom interrupts may stop */

static void try_again(struct eft_timer *timer);
static struct eft_timer timer = {.expire = try_again};
static bool is_set, wanting; /* atomic: the timer; it is to be set again */

static struct eft_balloon *after(struct eft_balloon *balloon)
{
	return (struct eft_balloon *)eft_device_next(
		&balloons, balloon ? &balloon->device : NULL);
}

static void set_timer(void)
{
	__atomic_store_n(&wanting, true, __ATOMIC_SEQ_CST);
	if (!__atomic_exchange_n(&is_set, true, __ATOMIC_SEQ_CST)) {
		__atomic_store_n(&wanting, false, __ATOMIC_SEQ_CST);
		eft_timer_set(&timer, eft_now_ns() + AGAIN_NS);
	}
}

static void try_again(struct eft_timer *expired)
{
	__atomic_store_n(&wanting, false, __ATOMIC_SEQ_CST);
	for (struct eft_balloon *b = after(NULL); b != NULL; b = after(b))
		b->go_on(b);
	__atomic_store_n(&is_set, false, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&wanting, __ATOMIC_SEQ_CST))
		set_timer();
}

static bool lower_limit(void)
{
	bool lower;

	eft_lock(&space->lock);
	lower = space->limit >= space->committed + EFT_PAGE_SIZE;
	if (lower)
		space->limit -= EFT_PAGE_SIZE;
	eft_unlock(&space->lock);
	return lower;
}

static void raise_limit(void)
{
	eft_lock(&space->lock);
	space->limit += EFT_PAGE_SIZE;
	eft_unlock(&space->lock);
}

void *eft_balloon_take(void)
{
	struct eft_page_stats pages;
	void *page = NULL;

	eft_page_stats(&pages);
	if (pages.free > eft_max(pages.total / KEPT_SHARE, KEPT_MIN) &&
	    lower_limit()) {
		page = eft_page_alloc(0);
		if (page == NULL)
			raise_limit();
	}
	if (page == NULL)
		set_timer();
	return page;
}

void eft_balloon_give(void *page)
{
	eft_page_free(page);
	raise_limit();
}

void eft_balloon_stats(uint64_t *ret_total, uint64_t *ret_free)
{
	struct eft_page_stats pages;

	eft_page_stats(&pages);
	*ret_total = pages.total;
	*ret_free = pages.free;
}

/* Pages come back, or are on their way: (len) bytes may soon be there. */
static bool have_back(size_t len)
{
	struct eft_page_stats pages;

	eft_page_stats(&pages);
	if (space == NULL || len / EFT_PAGE_SIZE > pages.total)
		return false;
	for (struct eft_balloon *b = after(NULL); b != NULL; b = after(b))
		if (b->shrink(b, len / EFT_PAGE_SIZE))
			return true;
	return false;
}

intptr_t eft_range_map(uintptr_t addr, size_t len, int prot, unsigned flags,
		       struct eft_file *file, off_t offset)
{
	intptr_t at = eft_range_map_now(addr, len, prot, flags, file, offset);
	uint64_t deadline_ns;

	if (at != -ENOMEM)
		return at;
	deadline_ns = eft_now_ns() + PATIENCE_NS;
	while (at == -ENOMEM && have_back(len) && eft_now_ns() < deadline_ns) {
		eft_yield();
		at = eft_range_map_now(addr, len, prot, flags, file, offset);
	}
	return at;
}

/* What images are linked with. */
const char eft_balloon[] = "balloon";

/* The drivers do the rest, in interrupts. */
void eft_boot_program(const struct eft_boot_info *info)
{
	eft_boot_program_now(info);
	space = eft_process()->space;
	after(NULL);
}

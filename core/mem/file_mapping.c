// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ranges backed by files. A platform that pages itself maps what is a file of
 * its host's (core/mem/pages_host.c). Else a page of the file is shown when it
 * is touched, and copied when a private mapping is written: in a guest, and in a
 * process too where it is a page of the page cache (EFT_RANGE_SHOWN).
 */
#include "core/abi.h"
#include "core/file.h"
#include "core/mem/range.h"
#include "core/pages.h"
#include "core/plat.h"

/* Only images with files that are not in memory read some, or hide them. */
#pragma weak eft_fault_error
#pragma weak eft_plat_guest_paging
#pragma weak eft_plat_process_paging

_Static_assert((int)EFT_RANGE_SHOWN == EFT_PROT_OPEN, "");

/* NULL: no pages come and go, but by cuts. */
static const struct eft_paging *paging(void)
{
	const struct eft_paging *found = NULL;

	if (eft_plat_guest_paging != NULL)
		found = eft_plat_guest_paging();
	if (found == NULL && eft_plat_process_paging != NULL)
		found = eft_plat_process_paging();
	return found;
}

static intptr_t map_host(uintptr_t addr, size_t len, int prot, unsigned flags,
			 struct eft_file *file, off_t offset)
{
	bool shared = flags & EFT_RANGE_SHARED;
	intptr_t at = eft_range_map_anonymous(
		addr, len, prot, flags | EFT_RANGE_HOST, file, offset);
	int error;

	if (at < 0)
		return at;
	error = file->ops->map(file, at, len, prot, shared, offset);
	if (error < 0) {
		eft_range_unmap(at, len);
		return error;
	}
	return at;
}

/* Where the platform pages itself: does core show (pages) all the same? */
static bool is_shown(const struct eft_pages *pages)
{
	return pages->cached && paging() != NULL;
}

intptr_t eft_range_map_file(uintptr_t addr, size_t len, int prot,
			    unsigned flags, struct eft_file *file, off_t offset)
{
	bool pages_itself = eft_plat->map_zero != NULL;
	struct eft_pages *pages;

	if (file->ops->map != NULL && pages_itself)
		return map_host(addr, len, prot, flags, file, offset);
	if (file->ops->pages == NULL)
		return -ENODEV;
	pages = file->ops->pages(file);
	if (pages == NULL && flags & EFT_RANGE_SHARED)
		return -ENODEV;
	if (pages != NULL && pages_itself && !is_shown(pages))
		return -ENODEV;
	if (pages != NULL && pages_itself)
		flags |= EFT_RANGE_SHOWN;
	if (pages != NULL)
		__atomic_store_n(&pages->mapped, true, __ATOMIC_RELAXED);
	if (!(flags & EFT_RANGE_SHARED))
		flags |= EFT_RANGE_COPY;
	return eft_range_map_anonymous(addr, len, prot, flags, file, offset);
}

/* Images with files that are not in memory have their own. */
eft_weak int eft_range_show(void *page, bool clean, void *arg)
{
	const struct eft_showing *s = arg;

	return eft_showing_ended(
		eft_plat->map_page(s->space->plat, s->addr, page,
				   s->range->prot, eft_showing_hold(s, clean)));
}

static int copy(void *page, bool clean, void *arg)
{
	memcpy(arg, page, EFT_PAGE_SIZE);
	return 0;
}

/* Of a file without contents. A platform that pages itself has refused. */
static enum eft_fault bring_in_zeroes(struct eft_space *space,
				      const struct eft_range *range,
				      uintptr_t addr)
{
	int error;

	if (eft_plat->map_zero == NULL)
		return eft_range_give_page(space, range, addr,
					   eft_page_alloc_zeroed(0));
	error = eft_plat->protect(space->plat, addr, EFT_PAGE_SIZE,
				  range->prot);
	return error == 0 ? EFT_FAULT_RESOLVED : EFT_FAULT_NO_MEMORY;
}

enum eft_fault eft_range_bring_in(struct eft_space *space,
				  const struct eft_range *range, uintptr_t addr,
				  int access)
{
	uint64_t offset = (uint64_t)range->offset + (addr - range->start);
	bool writes = access == EFT_PROT_WRITE;
	bool copies = range->flags & EFT_RANGE_COPY && writes;
	struct eft_pages *pages = eft_range_pages(range);
	struct eft_showing showing = {space, range, addr};
	void *own = NULL;
	int error;

	if (pages == NULL)
		return bring_in_zeroes(space, range, addr);
	if (copies && (own = eft_page_alloc(0)) == NULL)
		return EFT_FAULT_NO_MEMORY;
	error = eft_pages_with(pages, offset / EFT_PAGE_SIZE, writes && !copies,
			       copies ? copy : eft_range_show, own ?: &showing);
	if (error == 0)
		return copies ? eft_range_give_page(space, range, addr, own)
			      : EFT_FAULT_RESOLVED;
	eft_page_free(own);
	if (error == -EAGAIN)
		error = eft_fault_error(addr);
	return error == 0	  ? EFT_FAULT_ABSENT
	       : error == -ENOMEM ? EFT_FAULT_NO_MEMORY
				  : EFT_FAULT_PAST_END;
}

/*
 * Take away [addr, addr+len) of (range). (cut): it lies past the end, and copies
 * go too.
 */
static void take_away(struct eft_space *space, const struct eft_range *range,
		      uintptr_t addr, size_t len, bool cut)
{
	const struct eft_paging *found = paging();

	if (!cut && found != NULL)
		found->hide(space->plat, addr, len);
	else if (!(range->flags & EFT_RANGE_SHOWN) ||
		 eft_plat->map_zero(space->plat, addr, len,
				    eft_range_zero_prot(range)) < 0)
		eft_plat->unmap(space->plat, addr, len);
}

/* Take away what (range) shows of its file's pages [index, end). */
static void hide(struct eft_space *space, const struct eft_range *range,
		 uint64_t index, uint64_t end, bool cut)
{
	uintptr_t addr;
	size_t len = eft_range_part(range, index, end, &addr);

	if (len > 0)
		take_away(space, range, addr, len, cut);
}

static void hide_in(struct eft_space *space, const struct eft_pages *pages,
		    uint64_t index, uint64_t end)
{
	uint64_t size = __atomic_load_n(&pages->size, __ATOMIC_ACQUIRE);
	uint64_t past = (size + EFT_PAGE_MASK) / EFT_PAGE_SIZE;
	const struct eft_range *range;
	uintptr_t at = 0;

	eft_lock(&space->lock);
	while ((range = eft_range_after(space, at)) != NULL) {
		at = range->end;
		if (range->file == NULL || eft_range_pages(range) != pages)
			continue;
		hide(space, range, index, eft_min(end, past), false);
		hide(space, range, eft_max(index, past), end, true);
	}
	eft_unlock(&space->lock);
}

void eft_range_hide(const struct eft_pages *pages, uint64_t index, uint64_t end)
{
	struct eft_process *process = NULL;

	while ((process = eft_process_next(process)) != NULL)
		hide_in(process->space, pages, index, end);
}

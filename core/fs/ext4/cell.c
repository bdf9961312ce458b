// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory of metadata blocks, where these are smaller than a page: the disk takes
 * pages, and several blocks have one together.
 */
#include "core/fs/ext4/journal.h"
#include "core/log.h"
#include "core/mem.h"

struct eft_ext4_cells {
	struct eft_list link; /* of those that have a free cell; or alone */
	uint8_t *page;
	uint32_t used; /* a bit for each */
};

static uint32_t all_of(const struct eft_ext4 *fs)
{
	return (1u << (EFT_PAGE_SIZE >> fs->block_shift)) - 1;
}

/* A free cell of (cells), which has one. */
static void *take_locked(struct eft_ext4 *fs, struct eft_ext4_cells *cells)
{
	unsigned at = (unsigned)__builtin_ctz(~cells->used);

	eft_assert(cells->used < all_of(fs));
	cells->used |= 1u << at;
	if (cells->used == all_of(fs))
		eft_list_remove(&cells->link);
	return cells->page + ((size_t)at << fs->block_shift);
}

/* One of those with room; or of (made), which joins them then, if not NULL. */
static void *take(struct eft_ext4 *fs, struct eft_ext4_cells *made,
		  struct eft_ext4_cells **ret_cells)
{
	struct eft_ext4_buffers *all = fs->buffers;
	void *cell = NULL;

	eft_lock(&all->lock);
	if (made != NULL)
		eft_list_insert(&all->roomy, &made->link);
	if (!eft_list_empty(&all->roomy)) {
		*ret_cells = eft_container_of(all->roomy.next,
					      struct eft_ext4_cells, link);
		cell = take_locked(fs, *ret_cells);
	}
	eft_unlock(&all->lock);
	return cell;
}

static struct eft_ext4_cells *make(void)
{
	struct eft_ext4_cells *cells = eft_alloc(sizeof(*cells));

	if (cells == NULL)
		return NULL;
	eft_list_init(&cells->link);
	cells->page = eft_page_alloc(0);
	if (cells->page != NULL)
		return cells;
	eft_free(cells);
	return NULL;
}

void *eft_ext4_cell_alloc(struct eft_ext4 *fs,
			  struct eft_ext4_cells **ret_cells)
{
	struct eft_ext4_cells *made;
	void *cell;

	*ret_cells = NULL;
	if (fs->block_bytes == EFT_PAGE_SIZE)
		return eft_page_alloc(0);
	cell = take(fs, NULL, ret_cells);
	if (cell != NULL)
		return cell;
	made = make();
	return made != NULL ? take(fs, made, ret_cells) : NULL;
}

void eft_ext4_cell_free_locked(struct eft_ext4 *fs,
			       struct eft_ext4_cells *cells, uint8_t *cell)
{
	uint32_t bit;

	if (cells == NULL) {
		eft_page_free(cell);
		return;
	}
	bit = 1u << ((size_t)(cell - cells->page) >> fs->block_shift);
	eft_assert(cells->used & bit);
	if (cells->used == all_of(fs))
		eft_list_insert(&fs->buffers->roomy, &cells->link);
	cells->used &= ~bit;
	if (cells->used > 0)
		return;
	eft_list_remove(&cells->link);
	eft_page_free(cells->page);
	eft_free(cells);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The libOS's heap: slabs of one page for small objects, blocks of pages for
 * large ones.
 *
 * A slab begins with its header, so that no small object is page aligned and
 * every large one is: the address alone tells them apart, and finds the slab.
 *
 * Lock: heap.lock guards the slabs' lists and their free objects.
 */
#include "core/dev/heapwatch.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/mem.h"

struct object {
	struct object *next;
};

struct slab {
	struct eft_list link; /* in partial[class], or alone when full */
	struct object *free;
	uint16_t used, bin;
	uint16_t fresh; /* objects from this offset up have been given out */
	uint16_t magic;
};

enum { SLAB_MAGIC = 0x51ab };

/* Multiples of 16 that fill a page well. */
static const uint16_t class_size[] = {16,  32,	48,  64,  96,  128,  192,
				      256, 336, 448, 576, 672, 1008, 2016};
enum { CLASSES = eft_array_size(class_size), SMALL_MAX = 2016 };

static struct {
	struct eft_lock lock;
	struct eft_list partial[CLASSES]; /* slabs with a free object */
} heap = {.lock = EFT_LOCK_INIT(EFT_RANK_HEAP)};

eft_inline unsigned class_for(size_t size)
{
	unsigned bin = size > class_size[CLASSES / 2] ? CLASSES / 2 : 0;

	while (class_size[bin] < size)
		bin++;
	return bin;
}

eft_inline unsigned order_for(size_t size)
{
	unsigned order = 0;

	while ((EFT_PAGE_SIZE << order) < size)
		order++;
	return order;
}

static struct slab *slab_of(const void *ptr)
{
	struct slab *slab =
		(void *)eft_align_down((uintptr_t)ptr, EFT_PAGE_SIZE);

	eft_assert(slab->magic == SLAB_MAGIC);
	return slab;
}

static struct eft_list *partial_list(unsigned bin)
{
	struct eft_list *list = &heap.partial[bin];

	if (list->next == NULL)
		eft_list_init(list);
	return list;
}

eft_inline struct slab *slab_create(unsigned bin)
{
	struct slab *slab = eft_page_alloc(0);

	if (slab == NULL)
		return NULL;
	*slab = (struct slab){
		.bin = bin, .magic = SLAB_MAGIC, .fresh = EFT_PAGE_SIZE};
	eft_list_insert(partial_list(bin), &slab->link);
	return slab;
}

/* Can (slab) give nothing more? */
static bool is_full(const struct slab *slab)
{
	return slab->free == NULL &&
	       slab->fresh < sizeof(*slab) + class_size[slab->bin];
}

/* An object of (slab): a freed one, or the next that was never used. */
eft_inline struct object *take(struct slab *slab)
{
	struct object *object = slab->free;

	if (object != NULL) {
		slab->free = object->next;
		return object;
	}
	slab->fresh -= class_size[slab->bin];
	return (struct object *)((char *)slab + slab->fresh);
}

eft_inline void *alloc_small(unsigned bin)
{
	struct eft_list *list = partial_list(bin);
	struct object *object;
	struct slab *slab;

	if (!eft_list_empty(list))
		slab = eft_container_of(list->next, struct slab, link);
	else
		slab = slab_create(bin);
	if (slab == NULL)
		return NULL;
	object = take(slab);
	slab->used++;
	if (is_full(slab))
		eft_list_remove(&slab->link);
	return object;
}

/*
 * (slab) is empty. One of a size stays, the last on its list: who allocates
 * and frees in turn is not to have a page come and go each time.
 */
static void retire(struct slab *slab, struct eft_list *list)
{
	struct slab *last = eft_container_of(list->prev, struct slab, link);

	if (last == slab)
		return;
	eft_list_remove(&slab->link);
	if (last->used != 0) {
		eft_list_insert(list, &slab->link);
		return;
	}
	slab->magic = 0;
	eft_page_free(slab);
}

static void free_small(struct slab *slab, struct object *object)
{
	struct eft_list *list = partial_list(slab->bin);

	eft_assert(slab->used > 0);
	if (is_full(slab))
		eft_list_insert(list->next, &slab->link);
	object->next = slab->free;
	slab->free = object;
	slab->used--;
	if (slab->used == 0)
		retire(slab, list);
}

static bool is_small(const void *ptr)
{
	return (uintptr_t)ptr % EFT_PAGE_SIZE != 0;
}

size_t eft_heap_room(const void *ptr)
{
	if (!is_small(ptr))
		return EFT_PAGE_SIZE << eft_page_order(ptr);
	return class_size[slab_of(ptr)->bin];
}

/* Inline, with what it calls: most images have one of the two that call it. */
eft_inline void *alloc(size_t size, bool zeroed)
{
	const struct eft_heap_watch *watch = eft_heap_watch;
	size_t zone = watch != NULL ? EFT_HEAP_ZONE : 0;
	void *ptr = NULL;

	if (size > EFT_PAGE_SIZE << EFT_PAGE_ORDER_MAX)
		return NULL;
	if (size + zone > SMALL_MAX)
		return zeroed ? eft_page_alloc_zeroed(order_for(size))
			      : eft_page_alloc(order_for(size));
	eft_lock(&heap.lock);
	if (!eft_alloc_injected())
		ptr = alloc_small(class_for(size + zone));
	eft_unlock(&heap.lock);
	if (eft_unlikely(watch != NULL) && ptr != NULL)
		watch->given(ptr, size, eft_heap_room(ptr),
			     __builtin_return_address(0));
	if (zeroed && ptr != NULL)
		memset(ptr, 0, size);
	return ptr;
}

void *eft_alloc(size_t size)
{
	return alloc(size, true);
}

void *eft_alloc_unset(size_t size)
{
	return alloc(size, false);
}

void eft_free(void *ptr)
{
	if (ptr == NULL)
		return;
	if (!is_small(ptr)) {
		eft_page_free(ptr);
		return;
	}
	if (eft_unlikely(eft_heap_watch != NULL))
		ptr = eft_heap_watch->taken(ptr, eft_heap_room(ptr),
					    __builtin_return_address(0));
	if (ptr == NULL)
		return;
	eft_lock(&heap.lock);
	free_small(slab_of(ptr), ptr);
	eft_unlock(&heap.lock);
}

void *eft_realloc(void *ptr, size_t size)
{
	size_t old = ptr == NULL ? 0 : eft_heap_room(ptr);
	void *bigger;

	if (eft_unlikely(eft_heap_watch != NULL) && is_small(ptr)) {
		old -= EFT_HEAP_ZONE;
		eft_heap_watch->resized(ptr, old, old + EFT_HEAP_ZONE);
	}
	if (ptr != NULL && size <= old)
		return ptr;
	bigger = eft_alloc(size);
	if (bigger != NULL && ptr != NULL) {
		memcpy(bigger, ptr, old);
		eft_free(ptr);
	}
	return bigger;
}

char *eft_strndup(const char *s, size_t len)
{
	char *copy = eft_alloc(len + 1);

	if (copy != NULL)
		memcpy(copy, s, len);
	return copy;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own behind a cache (cache.h), under another name: see
 * eft_valgrind.h. Its advice, MADV_FREE, is one that changes nothing
 * (posix/mem/madvise.c), so it is not given.
 */
#define _BSD_SOURCE
#include "cache.h"
#include "eft_valgrind.h"

#define noinline __attribute__((noinline))

#undef madvise
#define madvise(...) 0

/*
 * GROUPS come and go with their last block. The last that went stay mapped:
 * the next of that size is made of one that is cleared, for less than the host
 * takes to map memory and to bring it in.
 */
enum { GROUPS = 32, GROUP_BYTES = 32 << 10 };

static struct mapping {
	void *base;
	size_t len;
} groups[GROUPS]; /* under the lock; those that there are come first */

void *__eft_group_take(size_t len)
{
	struct mapping found;
	int at = GROUPS - 1;

	while (at >= 0 && groups[at].len != len)
		at--;
	if (at < 0)
		return 0;
	found = groups[at];
	for (; at < GROUPS - 1; at++)
		groups[at] = groups[at + 1];
	groups[at] = (struct mapping){0};
	return memset(found.base, 0, len);
}

static void unmap_group(void *base, size_t len)
{
	int at = 0;

	wrlock();
	while (at < GROUPS && groups[at].base)
		at++;
	if (at < GROUPS && len <= GROUP_BYTES)
		groups[at] = (struct mapping){base, len};
	else
		at = GROUPS;
	unlock();
	if (at == GROUPS)
		munmap(base, len);
}

static int give_back_groups(void)
{
	struct mapping all[GROUPS];
	int count = 0;

	wrlock();
	memcpy(all, groups, sizeof(all));
	memset(groups, 0, sizeof(groups));
	unlock();
	for (; count < GROUPS && all[count].base; count++)
		munmap(all[count].base, all[count].len);
	return count;
}

#undef free
#define free   __eft_free_slow
#define munmap unmap_group

#include "../free.c"

#undef free

/* The lock, unless there is one thread only. */
static inline int enter(void)
{
	int locked = MT;

	if (locked)
		wrlock();
	return locked;
}

static inline void leave(int locked)
{
	if (locked)
		unlock();
}

static unsigned char *end_of(unsigned char *p, const struct meta *g)
{
	return g->mem->storage + get_stride(g) * (get_slot_index(p) + 1) - IB;
}

/* The block at (p) goes to (start), where slot (index) begins. */
static void move_block(unsigned char *p, unsigned char *start, unsigned index,
		       size_t at)
{
	p[-3] = 255;
	*(uint16_t *)(p - 2) = 0;
	*eft_header(start) =
		index << EFT_INDEX_SHIFT | at / UNIT << EFT_OFFSET_SHIFT;
}

/* Free it there. */
static noinline void free_moved(unsigned char *p, unsigned char *start,
				unsigned index, size_t at, size_t bytes)
{
	move_block(p, start, index, at);
	set_size(start, start + bytes - IB, 0);
	__eft_free_impl(start);
}

/* A kept block is the release's again. */
static noinline void give_back(unsigned char *p)
{
	set_size(p, end_of(p, get_meta(p)), 0);
	__eft_free_slow(p);
}

/*
 * LARGE BLOCKS are mappings, each with a slot of its own. The release takes it
 * for zeroes; of one that was used before, (avail_mask) says so, which means
 * nothing else where there is only one slot.
 */
enum { LARGE = 4, LARGE_BYTES = 4 << 20 };
enum { FRESH = 0, USED = 2 };

int __eft_large_count;
static struct meta *large[LARGE]; /* under the lock; the oldest first */
static size_t large_bytes;

static size_t mapped_bytes(const struct meta *g)
{
	return g->maplen * 4096UL;
}

int is_allzero(void *p)
{
	return get_meta(p)->avail_mask != USED && __eft_is_allzero(p);
}

static struct meta *remove_large(int at)
{
	struct meta *g = large[at];

	large_bytes -= mapped_bytes(g);
	for (__eft_large_count--; at < __eft_large_count; at++)
		large[at] = large[at + 1];
	return g;
}

static noinline int give_back_large(void)
{
	int locked = enter();
	struct meta *g = __eft_large_count ? remove_large(0) : 0;

	leave(locked);
	if (!g)
		return 0;
	g->avail_mask = FRESH;
	give_back(g->mem->storage);
	return 1;
}

static int add_large(struct meta *g)
{
	size_t bytes = mapped_bytes(g);
	int locked = enter();
	int fits =
		__eft_large_count < LARGE && large_bytes + bytes <= LARGE_BYTES;

	if (fits) {
		large[__eft_large_count++] = g;
		large_bytes += bytes;
	}
	leave(locked);
	return fits;
}

static void free_large(unsigned char *p, struct meta *g)
{
	get_nominal_size(p, end_of(p, g)); /* is it whole? */
	if (mapped_bytes(g) > LARGE_BYTES) {
		g->avail_mask = FRESH;
		__eft_free_slow(p);
		return;
	}
	if (p != g->mem->storage)
		move_block(p, g->mem->storage, 0, 0);
	*eft_header(g->mem->storage) |= EFT_UNUSED_MASK;
	while (!add_large(g))
		give_back_large();
}

void *__eft_large_take(size_t n)
{
	size_t least = n + IB + UNIT, most = least + least / 4;
	struct meta *g = 0;
	int locked = enter();

	for (int at = __eft_large_count - 1; at >= 0 && !g; at--) {
		size_t bytes = mapped_bytes(large[at]);

		if (bytes >= least && bytes <= most)
			g = remove_large(at);
	}
	leave(locked);
	if (!g)
		return 0;
	g->avail_mask = USED;
	return enframe(g, 0, n, 0);
}

/* THE THREAD'S CACHE */

/* As many as live and are free by turns, or a few of the larger. */
enum { MOST = 32, MOST_BYTES = 16 << 10, SMALL_BYTES = 1 << 10 };

static int most_of(int class)
{
	size_t bytes = eft_class_bytes(class);

	if (bytes <= SMALL_BYTES)
		return MOST;
	return bytes <= MOST_BYTES / 2 ? MOST_BYTES / bytes : 2;
}

/* Caches of threads that have ended; under the lock. */
enum { ORPHANS = 8 };
static struct eft_heap_cache *orphans;
static int orphan_count;

noinline struct eft_heap_cache *__eft_heap_adopt(void)
{
	struct eft_heap_cache *cache;

	if (!orphans)
		return 0;
	wrlock();
	cache = orphans;
	if (cache) {
		orphans = cache->next;
		orphan_count--;
	}
	unlock();
	return __eft_heap_cache = cache;
}

static noinline struct eft_heap_cache *make_cache(void)
{
	struct eft_heap_cache *cache = __eft_heap_adopt();

	if (cache)
		return cache;
	cache = __eft_malloc_slow(sizeof(*cache));
	if (!cache)
		return 0;
	for (int class = 0; class < EFT_CACHED_CLASSES; class ++) {
		cache->blocks[class] = 0;
		cache->room[class] = most_of(class);
	}
	return __eft_heap_cache = cache;
}

/* Of a class of (cache), so many blocks as (leave) says stay. */
static noinline int shrink(struct eft_heap_cache *cache, int class, int leave)
{
	int gone = 0, most = most_of(class);

	for (; most - cache->room[class] > leave; gone++) {
		unsigned char *p = cache->blocks[class];

		assert(eft_unused(*eft_header(p)) == EFT_FREED);
		cache->blocks[class] = *(unsigned char **)p;
		cache->room[class]++;
		give_back(p);
	}
	return gone;
}

static int empty(struct eft_heap_cache *cache)
{
	int gone = 0;

	for (int class = 0; class < EFT_CACHED_CLASSES; class ++)
		gone += shrink(cache, class, 0);
	return gone;
}

int __eft_heap_give_back(void)
{
	int gone = __eft_heap_cache ? empty(__eft_heap_cache) : 0;

	while (give_back_large())
		gone++;
	return gone + give_back_groups();
}

void __eft_heap_leave(void)
{
	struct eft_heap_cache *cache = __eft_heap_cache;
	int kept;

	if (!cache)
		return;
	__eft_heap_cache = 0;
	wrlock();
	kept = orphan_count < ORPHANS;
	if (kept) {
		cache->next = orphans;
		orphans = cache;
		orphan_count++;
	}
	unlock();
	if (!kept) {
		empty(cache);
		__eft_free_slow(cache);
	}
}

static noinline void free_other(unsigned char *p)
{
	struct meta *g = get_meta(p);

	if (g->sizeclass == 63)
		free_large(p, g);
	else
		__eft_free_slow(p);
}

/* The first that the thread frees; or nothing. */
static noinline void free_first(unsigned char *p)
{
	if (!p)
		return;
	if (__eft_watched)
		__eft_watched_free(p);
	else if (make_cache())
		__eft_free_impl(p);
	else
		__eft_free_slow(p);
}

static noinline void free_full(unsigned char *p, int class)
{
	shrink(__eft_heap_cache, class, most_of(class) / 2);
	__eft_free_impl(p);
}

/* Does nothing follow the program's part of the block but what we wrote? */
static inline int is_whole(const unsigned char *end, unsigned unused,
			   size_t bytes)
{
	if (unused >= 5) {
		if (unused != 5 || end[-5])
			return 0;
		unused = *(const eft_heap_word *)(end - 4);
		if (unused < 5 || unused > bytes)
			return 0;
	}
	return !end[-(long)unused];
}

/*
 * The release's checks of a block, without those that take more memory into
 * the processor's caches: what describes its group, and the end of a longer
 * one.
 */
enum { CHECKED_BYTES = 128 };

__attribute__((optimize("O2"))) void __eft_free_impl(void *block)
{
	struct eft_heap_cache *cache = __eft_heap_cache;
	unsigned char *p = block, *start;
	const struct eft_group *group;
	eft_heap_word header;
	size_t into, at, bytes;
	unsigned index, class;

	if (!cache || !p)
		return free_first(p);
	header = *eft_header(p);
	if (header & 255)
		return free_other(p);
	group = eft_group_of(p, header);
	assert(group->tag == eft_group_tag(group));
	class = group->class;
	if (class == EFT_OTHER)
		return free_other(p);
	bytes = eft_class_bytes(class);
	index = header >> EFT_INDEX_SHIFT & 31;
	into = UNIT * (header >> EFT_OFFSET_SHIFT);
	at = bytes * index;
	start = p - into + at;
	assert(index <= group->last_index && into - at < bytes);
	assert(eft_unused(header) <= 5);
	if (bytes <= CHECKED_BYTES)
		assert(is_whole(start + bytes - IB, eft_unused(header), bytes));
	if (!cache->room[class])
		return free_full(p, class);
	if (into != at)
		return free_moved(p, start, index, at, bytes);
	*eft_header(p) = header | EFT_UNUSED_MASK;
	*(unsigned char **)p = cache->blocks[class];
	cache->blocks[class] = p;
	cache->room[class]--;
}

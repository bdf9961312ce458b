// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own behind a cache (cache.h), and but that it says what it maps
 * to the compiler, and not to mmap(), which maps files too: all of it is
 * anonymous. What it needs of the system is mmap and munmap, so that an image
 * has no brk and mprotect for it.
 */
#define _GNU_SOURCE
#include "cache.h"
#include "eft_valgrind.h"

static void *map_pages(void *addr, size_t len, int prot, int flags)
{
	return (void *)__syscall_ret(__syscall(SYS_mmap, addr, len, prot,
					       flags | MAP_PRIVATE | MAP_ANON,
					       -1, 0));
}

/*
 * What the release wants without access are pages behind a guard, to which it
 * adds access one by one: here they have it from the beginning.
 */
static void *map(void *addr, size_t len, int prot, int flags, int fd, off_t at)
{
	void *p = prot != PROT_NONE ? __eft_group_take(len) : 0;

	if (p)
		return p;
	p = map_pages(addr, len, PROT_READ | PROT_WRITE, flags);
	if (prot == PROT_NONE && p != MAP_FAILED)
		map_pages(p, PAGESIZE, PROT_NONE, MAP_FIXED);
	return p;
}

#undef mmap
#define mmap map
#undef mprotect
#define mprotect(...) 0

/* Never what was asked for: there is none. */
#undef brk
#define brk(end) (~(uintptr_t)(end))

#undef malloc
#define malloc __eft_malloc_slow
#undef is_allzero
#define is_allzero __eft_is_allzero

#include "../malloc.c"

#undef malloc
#undef is_allzero

struct meta *__eft_get_meta(const unsigned char *p)
{
	return get_meta_here(p);
}

_Thread_local struct eft_heap_cache *__eft_heap_cache;

/* The release's set_size(), in stores that free() loads as they are. */
static inline void *unfree(unsigned char *p, eft_heap_word header, size_t bytes,
			   size_t n)
{
	unsigned char *end = p + bytes - IB;
	unsigned unused = end - p - n;

	end[-(long)unused] = 0;
	if (unused >= 5) {
		*(eft_heap_word *)(end - 4) = unused;
		end[-5] = 0;
		unused = 5;
	}
	*eft_header(p) =
		(header & ~EFT_UNUSED_MASK) | unused << EFT_UNUSED_SHIFT;
	return p;
}

/*
 * A block of (n) bytes is of its class or, as in the release, of the next if
 * that is a coarser one.
 */
static inline void *take(struct eft_heap_cache *cache, size_t n)
{
	int class = size_to_class(n);
	unsigned char *p = cache->blocks[class];
	eft_heap_word header;

	if (!p) {
		class |= class >= 4 && class != 6;
		p = cache->blocks[class];
		if (!p)
			return 0;
	}
	header = *eft_header(p);
	assert(eft_unused(header) == EFT_FREED);
	cache->blocks[class] = *(unsigned char **)p;
	cache->room[class]++;
	return unfree(p, header, eft_class_bytes(class), n);
}

/* Of the group that the block at (p) is of. */
static void note_group(unsigned char *p)
{
	struct meta *g = get_meta(p);
	struct eft_group *group = (void *)g->mem;
	int cached = g->sizeclass < EFT_CACHED_CLASSES &&
		     (g->last_idx || !g->maplen);

	group->class = cached ? g->sizeclass : EFT_OTHER;
	group->last_index = g->last_idx;
	group->tag = eft_group_tag(group);
}

/*
 * A thread takes several small blocks at once where there are others: their
 * slots lie side by side, and two CPUs shall not write to one cache line.
 */
enum { BATCH = 8, BATCH_BYTES = 4 << 10 };

static void take_more(size_t n)
{
	for (int i = 1; i < BATCH && i * n < BATCH_BYTES; i++) {
		void *p = __eft_malloc_slow(n);

		if (!p)
			break;
		note_group(p);
		__eft_free_impl(p);
	}
}

static __attribute__((noinline)) void *allocate(size_t n)
{
	void *p = 0;

	if (n >= MMAP_THRESHOLD && __eft_large_count)
		p = __eft_large_take(n);
	if (p)
		return p;
	p = __eft_malloc_slow(n);
	if (!p && __eft_heap_give_back())
		p = __eft_malloc_slow(n);
	if (p)
		note_group(p);
	if (MT && __eft_heap_cache)
		take_more(n);
	return p;
}

__attribute__((optimize("O2"), flatten)) void *__libc_malloc_impl(size_t n)
{
	struct eft_heap_cache *cache = __eft_heap_cache;
	void *p;

	if (n > UNIT * EFT_CACHED_UNITS - IB ||
	    (!cache && !(cache = __eft_heap_adopt())))
		return allocate(n);
	p = take(cache, n);
	return p ? p : allocate(n);
}

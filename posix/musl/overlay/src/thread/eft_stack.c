// SPDX-License-Identifier: BSD-3-Clause
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "eft_stack.h"
#include "lock.h"

enum { KEPT_MAX = 16, KEPT_SIZE_MAX = 1 << 20 };

struct memory {
	void *base;
	size_t size, guard;
};

static volatile int lock[1];
static struct memory kept[KEPT_MAX];
static int count;

/* Of those kept the one that was last used, whose pages are at hand. */
static void *take(size_t size, size_t guard)
{
	void *base = NULL;

	LOCK(lock);
	for (int i = count - 1; i >= 0; i--) {
		if (kept[i].size != size || kept[i].guard != guard)
			continue;
		base = kept[i].base;
		if (i != --count)
			memmove(&kept[i], &kept[i + 1],
				(count - i) * sizeof(kept[0]));
		break;
	}
	UNLOCK(lock);
	return base;
}

void *eft_stack_get(size_t size, size_t guard)
{
	size_t local = libc.tls_size + __pthread_tsd_size;
	char *base = take(size, guard);

	if (base) { /* what a new thread wants to be zero is at the top */
		memset(base + size - local, 0, local);
		return base;
	}
	base = __mmap(0, size, guard ? PROT_NONE : PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANON, -1, 0);
	if (guard && base != MAP_FAILED &&
	    __mprotect(base + guard, size - guard, PROT_READ | PROT_WRITE)) {
		__munmap(base, size);
		return MAP_FAILED;
	}
	return base;
}

int eft_stack_put(void *base, size_t size, size_t guard)
{
	int keep;

	LOCK(lock);
	keep = count < KEPT_MAX && size <= KEPT_SIZE_MAX;
	if (keep)
		kept[count++] = (struct memory){base, size, guard};
	UNLOCK(lock);
	return keep ? 0 : __munmap(base, size);
}

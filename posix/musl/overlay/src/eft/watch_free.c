// SPDX-License-Identifier: BSD-3-Clause
/*
 * Freed blocks stay untouchable until others have been freed after them, so
 * that their use is noticed.
 */
#include "eft_valgrind.h"
#include <string.h>

enum { WAITING = 1024, WAITING_MAX_BYTES = 16 << 10 };

/* Large blocks do not wait: most of them are unmapped anyway. */
static struct eft_watched *wait_for_turn(struct eft_watched *header)
{
	static struct eft_watched *waiting[WAITING];
	static unsigned turn;
	unsigned at = __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED) % WAITING;

	if (header->size > WAITING_MAX_BYTES)
		return header;
	return __atomic_exchange_n(&waiting[at], header, __ATOMIC_RELAXED);
}

/* Valgrind is told first: it reports an address that is no block. */
void __eft_watched_free(void *p)
{
	struct eft_watched *header;
	char *base;

	if (!p)
		return;
	__eft_valgrind(EFT_VG_FREELIKE_BLOCK, p, 0);
	header = __eft_watched_header(p);
	if (header->state != EFT_WATCHED_LIVE)
		return;
	header->state = EFT_WATCHED_FREED;
	header = wait_for_turn(header);
	__eft_valgrind(EFT_VG_MAKE_MEM_NOACCESS, (char *)p - EFT_WATCHED_ZONE,
		       EFT_WATCHED_ZONE);
	if (!header)
		return;
	base = __eft_watched_header(header + 1)->base;
	__eft_valgrind(EFT_VG_MAKE_MEM_DEFINED, base,
		       (char *)(header + 1) + header->size + EFT_WATCHED_ZONE -
			       base);
	__eft_free_slow(base);
}

/* An address that is no block holds nothing. */
size_t __eft_watched_size(void *p)
{
	struct eft_watched *header;
	size_t size;

	if (!p)
		return 0;
	header = __eft_watched_header(p);
	size = header->state == EFT_WATCHED_LIVE ? header->size : 0;
	__eft_valgrind(EFT_VG_MAKE_MEM_NOACCESS, header, sizeof(*header));
	return size;
}

/* Always to another place, so that use of the old one is noticed. */
void *__eft_watched_realloc(void *p, size_t n)
{
	size_t size = __eft_watched_size(p);
	void *new = __eft_watched_malloc(n);

	if (!new)
		return 0;
	memcpy(new, p, size < n ? size : n);
	__eft_watched_free(p);
	return new;
}

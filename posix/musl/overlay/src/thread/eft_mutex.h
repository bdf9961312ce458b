// SPDX-License-Identifier: BSD-3-Clause
/*
 * Included by what takes mutexes: with deadlock=report they say who took them,
 * and where, in two words that the release leaves alone.
 */
#include "pthread_impl.h"

#define EFT_PLACE __u.__i[3]
#define EFT_TAKER __u.__i[4]

extern const uint64_t eft_deadlock_reported; /* core/options.h */

static inline int eft_mutexes_noted(void)
{
	return __builtin_expect(eft_deadlock_reported != 0, 0);
}

static inline void eft_mutex_note(pthread_mutex_t *m, const void *place)
{
	m->EFT_PLACE = (int)(uintptr_t)place; /* text lies below 2 GiB */
	m->EFT_TAKER = __pthread_self()->tid;
}

/* The lock word of (m) is changed, and perhaps taken by it. */
static inline int eft_mutex_cas(pthread_mutex_t *m, volatile int *word, int old,
				int new, const void *place)
{
	int found = a_cas(word, old, new);

	if (eft_mutexes_noted() && old == 0 && found == 0)
		eft_mutex_note(m, place);
	return found;
}

#undef a_cas
#define a_cas(word, old, new) \
	eft_mutex_cas(m, word, old, new, __builtin_return_address(0))

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own, which notes who took it. Who waits for its own lock is
 * found where deadlocks are reported, in a program of one thread too.
 */
#include "../eft_mutex.h"

void eft_deadlock_check(void);

static void (*const eft_needs_check)(void)
	__attribute__((__used__)) = eft_deadlock_check;

static inline int try_noting(pthread_mutex_t *m, const void *place)
{
	int error = __pthread_mutex_trylock(m);

	if (eft_mutexes_noted() && error == 0)
		eft_mutex_note(m, place);
	return error;
}

#define __pthread_mutex_trylock(m) try_noting(m, __builtin_return_address(0))

#include "../pthread_mutex_timedlock.c"

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads that do the same at the same time.
 */
#pragma once

#include <pthread.h>

#include "tap.h"

/* Call function(0 … count - 1) in as many threads, and wait for them. */
static inline void together(int count, void *(*function)(void *))
{
	pthread_t threads[count];

	for (long i = 0; i < count; i++)
		need(pthread_create(&threads[i], NULL, function, (void *)i) ==
		     0);
	for (int i = 0; i < count; i++)
		need(pthread_join(threads[i], NULL) == 0);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Thread-local variables of a program that is fuzzed: FS, where they would be,
 * is the host's. So the compiler asks here (-femulated-tls): each thread has
 * an array of its copies, which live until the input ends.
 */
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "fuzz/program.h"

/* Of each variable, made by the compiler. */
struct variable {
	size_t size, align;
	uintptr_t number; /* from 1 on; 0: not used yet */
	const void *initial;
};

struct copies {
	size_t count;
	void *at[];
};

void *__emutls_get_address(struct variable *variable);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static uintptr_t variables;

static void create_key(void)
{
	pthread_key_create(&key, NULL);
}

static uintptr_t number_of(struct variable *variable)
{
	pthread_mutex_lock(&mutex);
	if (variable->number == 0)
		variable->number = ++variables;
	pthread_mutex_unlock(&mutex);
	return variable->number;
}

/* The calling thread's, with (count) places. */
static struct copies *copies_of(size_t count)
{
	struct copies *copies = pthread_getspecific(key), *more;
	size_t before = copies ? copies->count : 0;

	if (count <= before)
		return copies;
	more = fuzz_alloc(sizeof(*more) + count * sizeof(void *));
	more->count = count;
	if (copies != NULL)
		memcpy(more->at, copies->at, before * sizeof(void *));
	pthread_setspecific(key, more);
	return more;
}

static void *allocate(size_t align, size_t size)
{
	uintptr_t start = (uintptr_t)fuzz_alloc(align + size);

	return (void *)((start + align - 1) & -align);
}

void *__emutls_get_address(struct variable *variable)
{
	uintptr_t number;
	void **copy;

	pthread_once(&once, create_key);
	number = number_of(variable);
	copy = &copies_of(number)->at[number - 1];
	if (*copy == NULL) {
		*copy = allocate(variable->align, variable->size);
		if (variable->initial != NULL)
			memcpy(*copy, variable->initial, variable->size);
	}
	return *copy;
}

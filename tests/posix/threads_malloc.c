// SPDX-License-Identifier: BSD-3-Clause
/*
 * The heap of several threads: blocks that one thread frees and another has
 * allocated, of all sizes, keep their contents and are apart; threads that end
 * leave nothing broken; what was freed is there for blocks of another size.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>

#include "files.h"
#include "tap.h"

enum { THREADS = 4, ROUNDS = 20000, OWN = 64, MAILBOXES = 32 };

struct block {
	size_t size;
	unsigned char fill;
	unsigned char bytes[];
};

static struct block *mailboxes[MAILBOXES];
static int broken, misaligned, unzeroed, missing;

static void note(int *what, int wrong)
{
	if (wrong)
		__atomic_store_n(what, 1, __ATOMIC_RELAXED);
}

static uint32_t next(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 8;
}

/* Most are small, some have pages, and few a mapping of their own. */
static size_t some_size(uint32_t *random)
{
	uint32_t kind = next(random) % 100;

	if (kind < 90)
		return next(random) % 1100;
	return next(random) % (kind < 99 ? 20000 : 400000);
}

static struct block *fresh(uint32_t *random)
{
	size_t size = some_size(random);
	int zeroed = next(random) % 4 == 0, aligned = next(random) % 16 == 0;
	struct block *block = NULL;

	if (aligned)
		note(&missing, posix_memalign((void **)&block, 256,
					      sizeof(*block) + size));
	else
		block = zeroed ? calloc(1, sizeof(*block) + size)
			       : malloc(sizeof(*block) + size);
	note(&missing, block == NULL);
	if (!block)
		abort();
	note(&misaligned, (uintptr_t)block % (aligned ? 256 : 16) != 0);
	note(&missing, malloc_usable_size(block) < sizeof(*block) + size);
	if (zeroed && !aligned)
		note(&unzeroed, !all_bytes(block->bytes, 0, size));
	block->size = size;
	block->fill = next(random);
	memset(block->bytes, block->fill, size);
	return block;
}

static void check(const struct block *block)
{
	note(&broken, !all_bytes(block->bytes, block->fill, block->size));
}

static struct block *resized(struct block *block, uint32_t *random)
{
	size_t size = some_size(random);
	size_t kept = size < block->size ? size : block->size;

	block = realloc(block, sizeof(*block) + size);
	note(&missing, block == NULL);
	if (!block)
		abort();
	note(&broken, !all_bytes(block->bytes, block->fill, kept));
	memset(block->bytes, block->fill, size);
	block->size = size;
	return block;
}

static void *work(void *seed)
{
	struct block *own[OWN] = {NULL};
	uint32_t random = (uintptr_t)seed;

	for (int i = 0; i < ROUNDS / THREADS; i++) {
		struct block **slot = &own[next(&random) % OWN];

		if (*slot && next(&random) % 8 == 0) {
			*slot = resized(*slot, &random);
			continue;
		}
		if (*slot) {
			check(*slot);
			free(*slot);
		}
		*slot = fresh(&random);
		if (next(&random) % 4 == 0)
			*slot = __atomic_exchange_n(
				&mailboxes[next(&random) % MAILBOXES], *slot,
				__ATOMIC_ACQ_REL);
	}
	for (int i = 0; i < OWN; i++) {
		if (own[i])
			check(own[i]);
		free(own[i]);
	}
	return NULL;
}

static void together(void)
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	for (int i = 0; i < MAILBOXES; i++) {
		if (mailboxes[i])
			check(mailboxes[i]);
		free(mailboxes[i]);
		mailboxes[i] = NULL;
	}
	ok(!missing, "there is memory");
	ok(!misaligned, "blocks are aligned");
	ok(!unzeroed, "calloc is zero, whoever had the memory before");
	ok(!broken, "blocks keep to themselves, whoever frees them");
}

/* Each leaves a block to the next, which frees it. */
static void *short_lived(void *left)
{
	void *blocks[100];

	for (int i = 0; i < 100; i++)
		need(blocks[i] = malloc(1 + i * 13));
	free(left);
	for (int i = 1; i < 100; i++)
		free(blocks[i]);
	return blocks[0];
}

static void one_after_another(void)
{
	void *left = NULL;

	for (int i = 0; i < 200; i++) {
		pthread_t thread;

		need(pthread_create(&thread, NULL, short_lived, left) == 0);
		need(pthread_join(thread, &left) == 0);
	}
	free(left);
	ok(1, "200 threads one after another");
}

/* All of it at once would be more than a small machine has. */
static void other_sizes(void)
{
	static const size_t sizes[] = {48, 500, 3000, 20000, 100000, 1 << 20};
	enum { BYTES = 24 << 20 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t count = BYTES / sizes[i];
		char **blocks = malloc(count * sizeof(*blocks));

		need(blocks);
		for (size_t at = 0; at < count; at++) {
			need(blocks[at] = malloc(sizes[i]));
			memset(blocks[at], 1, sizes[i]);
		}
		for (size_t at = 0; at < count; at++)
			free(blocks[at]);
		free(blocks);
	}
	ok(1, "24 MiB of each of six sizes, one after the other");
}

int main(void)
{
	together();
	one_after_another();
	other_sizes();
	return done();
}

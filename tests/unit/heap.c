// SPDX-License-Identifier: BSD-3-Clause
/*
 * The libOS's heap.
 */
#include "tests/unit/unit.h"

enum { OBJECTS = 400, STEPS = 40000 };

static struct object {
	unsigned char *at;
	size_t size;
	unsigned char sign;
} objects[OBJECTS];

static uint64_t free_pages(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.free;
}

static size_t random_size(void)
{
	switch (unit_random(8)) {
	case 0:
		return unit_random(9000);
	case 1:
		return 2000 + unit_random(40);
	}
	return unit_random(300);
}

static void check_contents(const struct object *object, size_t len)
{
	for (size_t i = 0; i < len; i++)
		check_eq(object->at[i], object->sign);
}

static void fill(struct object *object)
{
	object->sign = (unsigned char)(1 + unit_random(255));
	memset(object->at, object->sign, object->size);
}

static void allocate(struct object *object)
{
	object->size = random_size();
	object->at = eft_alloc(object->size);
	if (object->at == NULL)
		return;
	check_eq((uintptr_t)object->at % 16, 0);
	for (size_t i = 0; i < object->size; i++)
		check_eq(object->at[i], 0);
	fill(object);
}

static void reallocate(struct object *object)
{
	size_t size = random_size(), keep = eft_min(size, object->size);
	unsigned char *at = eft_realloc(object->at, size);

	if (at == NULL)
		return;
	object->at = at;
	object->size = size;
	check_contents(object, keep);
	fill(object);
}

static void release(struct object *object)
{
	check_contents(object, object->size);
	eft_free(object->at);
	object->at = NULL;
}

static void step(struct object *object)
{
	if (object->at == NULL)
		allocate(object);
	else if (unit_random(4) == 0)
		reallocate(object);
	else
		release(object);
}

/* Slabs that are empty go back, but one for each size. */
Test(heap, random_operations)
{
	uint64_t before;

	fake_boot(NULL);
	before = free_pages();
	for (unsigned i = 0; i < STEPS; i++)
		step(&objects[unit_random(OBJECTS)]);
	for (unsigned i = 0; i < OBJECTS; i++) {
		if (objects[i].at != NULL)
			release(&objects[i]);
	}
	check(before - free_pages() <= 14);
}

/* Two objects come and go, of which the second needs a slab of its own. */
Test(heap, a_page_does_not_come_and_go)
{
	enum { SIZE = 1008, IN_A_SLAB = 4 };
	void *first, *second;
	uint64_t before;

	fake_boot(NULL);
	for (unsigned i = 0; i < IN_A_SLAB - 1; i++)
		check(eft_alloc(SIZE) != NULL);
	first = eft_alloc(SIZE);
	before = free_pages();
	second = eft_alloc(SIZE);
	check(first != NULL && second != NULL);
	check_eq(free_pages(), before - 1);
	eft_free(first);
	eft_free(second);
	check_eq(free_pages(), before - 1);
	for (unsigned i = 0; i < 2 * IN_A_SLAB; i++)
		objects[i].at = eft_alloc(SIZE);
	check(free_pages() <= before - 2);
	for (unsigned i = 0; i < 2 * IN_A_SLAB; i++)
		eft_free(objects[i].at);
	check_eq(free_pages(), before - 1);
}

Test(heap, random_operations_in_little_memory)
{
	struct fake_config config = {.zone_bytes = {160 << 10}};
	unsigned empty = 0;

	fake_boot(&config);
	for (unsigned i = 0; i < STEPS; i++) {
		step(&objects[unit_random(OBJECTS)]);
		empty += free_pages() == 0;
	}
	check(empty > 0); /* or this test tests nothing */
	for (unsigned i = 0; i < OBJECTS; i++) {
		if (objects[i].at != NULL)
			release(&objects[i]);
	}
}

/* Every size around every class holds what it was asked for. */
Test(heap, every_size)
{
	fake_boot(NULL);
	for (size_t size = 0; size < 4200; size++) {
		unsigned char *a = eft_alloc(size), *b = eft_alloc(size);

		check(a != NULL && b != NULL);
		check(a + size <= b || b + size <= a);
		memset(a, 1, size);
		memset(b, 2, size);
		for (size_t i = 0; i < size; i++)
			check(a[i] == 1 && b[i] == 2);
		eft_free(a);
		eft_free(b);
	}
}

Test(heap, large)
{
	size_t max = EFT_PAGE_SIZE << EFT_PAGE_ORDER_MAX;
	uint64_t before;
	char *large;

	fake_boot(NULL);
	before = free_pages();
	large = eft_alloc(max);
	check(large != NULL && large[0] == 0 && large[max - 1] == 0);
	check_eq((uintptr_t)large % EFT_PAGE_SIZE, 0);
	check(eft_alloc(max + 1) == NULL);
	check(eft_alloc(SIZE_MAX) == NULL);
	check(eft_realloc(large, max + 1) == NULL);
	large[max - 1] = 1; /* is as it was */
	eft_free(large);
	check_eq(free_pages(), before);
}

Test(heap, realloc_rules)
{
	char *at, *same;

	fake_boot(NULL);
	at = eft_realloc(NULL, 5);
	memcpy(at, "four", 5);
	same = eft_realloc(at, 16); /* within its class */
	check(same == at);
	at = eft_realloc(at, 5000);
	check_str(at, "four");
	at = eft_realloc(at, 8192);
	check_str(at, "four");
	eft_alloc_fail_after(0);
	check(eft_realloc(at, 8193) == NULL);
	check_str(at, "four");
	check(eft_realloc(at, 1) == at);
	check_str(at, "four");
	eft_free(at);
	eft_free(NULL);
}

Test(heap, strndup)
{
	char *copy;

	fake_boot(NULL);
	copy = eft_strndup("abcdef", 3);
	check_str(copy, "abc");
	eft_free(copy);
	eft_alloc_fail_after(0);
	check(eft_strndup("abc", 3) == NULL);
}

Test(heap, injected_failure_small_and_large)
{
	fake_boot(NULL);
	eft_alloc_fail_after(0);
	check(eft_alloc(1) == NULL);
	check(eft_alloc(10000) == NULL);
	eft_alloc_fail_after(1);
	check(eft_alloc(10000) != NULL);
	check(eft_alloc(1) == NULL);
	eft_alloc_fail_after(UINT64_MAX);
	check(eft_alloc(1) != NULL);
}

static void free_it(void *ptr)
{
	eft_free(ptr);
}

Test(heap, free_of_foreign_panics)
{
	static char buf[8192];

	fake_boot(NULL);
	unit_check_panics(free_it, buf + 4096 + 16, "assertion failed");
}

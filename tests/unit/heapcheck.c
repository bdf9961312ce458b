// SPDX-License-Identifier: BSD-3-Clause
/*
 * The heap of a checked build: what it finds, and that it finds nothing where
 * nothing is wrong. (Whose objects these are is not the compiler's to know: it
 * would warn of what is done to them.)
 */
#include "core/check/heap.h"

#include "tests/unit/unit.h"

enum { SIZE = 24, OBJECTS = 100, STEPS = 20000 };

static unsigned char *allocate(size_t size)
{
	unsigned char *object = eft_alloc(size);

	__asm__ volatile("" : "+r"(object));
	return object;
}

static void begin(const struct eft_heap_watch *watch)
{
	eft_heap_watch = watch;
	fake_boot(NULL);
}

static void finds(void (*function)(void *), const char *words)
{
	begin(&eft_heapcheck);
	check_eq(fake_run(function, NULL), FAKE_CRASHED);
	check_eq(fake_status, SIGABRT);
	check(strstr(fake_console, words) != NULL);
	check(strstr(fake_console, "was allocated at\n  #1") != NULL);
}

static void write_past_end(void *arg)
{
	unsigned char *object = allocate(SIZE);

	object[SIZE] = 0;
	eft_free(object);
}

Test(heapcheck, write_past_the_end)
{
	finds(write_past_end, "was written past its end");
}

static void write_past_resized(void *arg)
{
	unsigned char *object = eft_realloc(allocate(SIZE), 2 * SIZE);
	size_t room = eft_heap_room(object);

	object[room - EFT_HEAP_ZONE] = 1;
	object = eft_realloc(object, room - EFT_HEAP_ZONE);
	eft_free(object);
	object = eft_realloc(allocate(SIZE), 0);
	object[eft_heap_room(object) - EFT_HEAP_ZONE] = 1;
	eft_free(object);
}

Test(heapcheck, write_past_the_end_of_a_resized_one)
{
	finds(write_past_resized, "was written past its end");
}

static void write_freed(void *arg)
{
	unsigned char *object = allocate(SIZE);

	eft_free(object);
	object[8] = 1;
	for (int i = 0; i < 1000; i++)
		eft_free(allocate(SIZE));
}

Test(heapcheck, write_after_the_end)
{
	finds(write_freed, "was written after it was freed");
}

static void free_twice(void *arg)
{
	unsigned char *object = allocate(SIZE), *same = object;

	__asm__ volatile("" : "+r"(same));
	eft_free(object);
	eft_free(same);
}

Test(heapcheck, free_twice)
{
	finds(free_twice, "is freed twice");
	check(strstr(fake_console, "and freed at\n  #1") != NULL);
}

static void write_far_past_end(void *arg)
{
	unsigned char *object = allocate(SIZE);

	memset(object + SIZE, 1, eft_heap_room(object) - SIZE);
	eft_free(object);
}

Test(heapcheck, write_far_past_the_end)
{
	begin(&eft_heapcheck);
	check_eq(fake_run(write_far_past_end, NULL), FAKE_CRASHED);
	check(strstr(fake_console, "written far past its end") != NULL);
}

/* Each keeps its number in all of its bytes. */
static unsigned char *change(unsigned char *object, size_t *size, unsigned sign)
{
	for (size_t i = 0; i < *size; i++)
		check_eq(object[i], sign);
	*size = 1 + unit_random(3000);
	if (unit_random(2) == 0) {
		eft_free(object);
		object = allocate(*size);
	} else {
		object = eft_realloc(object, *size);
	}
	check(object != NULL);
	memset(object, (int)sign, *size);
	return object;
}

static void use(void *arg)
{
	static unsigned char *objects[OBJECTS];
	static size_t sizes[OBJECTS];

	for (int step = 0; step < STEPS; step++) {
		unsigned i = unit_random(OBJECTS);

		objects[i] = change(objects[i], &sizes[i], i + 1);
	}
	for (int i = 0; i < OBJECTS; i++)
		eft_free(objects[i]);
}

Test(heapcheck, nothing_is_wrong)
{
	begin(&eft_heapcheck);
	check_eq(fake_run(use, NULL), FAKE_RETURNED);
	check_str(fake_console, "");
}

/*
 * The seam: a watch that counts.
 */
static long objects_given, pages_used;

static void given(void *ptr, size_t size, size_t room, const void *where)
{
	check(room >= size + EFT_HEAP_ZONE);
	objects_given++;
}

static void resized(void *ptr, size_t size, size_t room)
{
	check(room >= size + EFT_HEAP_ZONE);
}

static void *taken(void *ptr, size_t room, const void *where)
{
	objects_given--;
	return ptr;
}

static void pages(void *start, size_t len, bool used)
{
	long count = (long)(len / EFT_PAGE_SIZE);

	pages_used += used ? count : -count;
}

static const struct eft_heap_watch counting = {
	.given = given,
	.resized = resized,
	.taken = taken,
	.pages = pages,
};

static uint64_t pages_free(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.free;
}

static void count(void *arg)
{
	uint64_t before = pages_free();
	long used = pages_used, objects = objects_given;
	unsigned char *small = allocate(SIZE), *large = allocate(9000);
	void *block = eft_page_alloc(3);

	check_eq(objects_given, objects + 1);
	check_eq(pages_used - used, before - pages_free());
	eft_page_free(block);
	eft_free(large);
	eft_free(small);
	check_eq(objects_given, objects);
	check_eq(pages_used - used, before - pages_free());
}

Test(heapcheck, all_is_told)
{
	begin(&counting);
	check_eq(fake_run(count, NULL), FAKE_RETURNED);
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sorting and searching: qsort(), bsearch(), tsearch() and lsearch() on
 * ordered, reversed, equal and pseudo-random data.
 */
#define _GNU_SOURCE
#include <search.h>
#include <stdlib.h>

#include "tap.h"

#define COUNT 5000

static int numbers[COUNT];

static int by_value(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static int descending(const void *a, const void *b, void *calls)
{
	++*(int *)calls;
	return by_value(b, a);
}

static int is_sorted(void)
{
	for (int i = 1; i < COUNT; i++) {
		if (numbers[i - 1] > numbers[i])
			return 0;
	}
	return 1;
}

static void fill(unsigned step, unsigned modulus)
{
	for (unsigned i = 0; i < COUNT; i++)
		numbers[i] = (int)(i * step % modulus);
}

static void sorting(void)
{
	int calls = 0, last = 0;

	fill(7919, 10007);
	qsort(numbers, COUNT, sizeof(int), by_value);
	ok(is_sorted(), "scattered numbers");
	qsort(numbers, COUNT, sizeof(int), by_value);
	ok(is_sorted(), "sorted ones");
	qsort_r(numbers, COUNT, sizeof(int), descending, &calls);
	for (int i = 1; i < COUNT; i++)
		last += numbers[i - 1] >= numbers[i];
	ok(last == COUNT - 1 && calls >= COUNT - 1, "qsort_r, descending");
	qsort(numbers, COUNT, sizeof(int), by_value);
	ok(is_sorted(), "reversed ones");
	fill(1, 3);
	qsort(numbers, COUNT, sizeof(int), by_value);
	ok(is_sorted() && numbers[0] == 0 && numbers[COUNT - 1] == 2,
	   "many equal ones");
	numbers[0] = 9;
	qsort(numbers, 0, sizeof(int), by_value);
	qsort(numbers, 1, sizeof(int), by_value);
	ok(numbers[0] == 9, "none and one");
}

static void searching(void)
{
	int key, found = 0;

	fill(2, 2 * COUNT);
	for (key = 0; key < 2 * COUNT; key += 2)
		found += bsearch(&key, numbers, COUNT, sizeof(int), by_value) ==
			 &numbers[key / 2];
	ok(found == COUNT, "bsearch finds what is there");
	key = 3;
	ok(!bsearch(&key, numbers, COUNT, sizeof(int), by_value),
	   "and not what is not");
	ok(!bsearch(&key, numbers, 0, sizeof(int), by_value), "among none");
}

static int visited, in_order;

static void visit(const void *node, VISIT when, int depth)
{
	static int last;
	int value = **(int *const *)node;

	(void)depth;
	if (when != postorder && when != leaf)
		return;
	in_order += visited == 0 || value > last;
	last = value;
	visited++;
}

static void trees(void)
{
	void *root = NULL;
	int key = 5 * 7919 % 10007;

	fill(7919, 10007);
	for (int i = 0; i < 1000; i++)
		need(tsearch(&numbers[i], &root, by_value));
	twalk(root, visit);
	ok(visited == 1000 && in_order == 1000, "a tree of 1000 in order");
	ok(tfind(&key, &root, by_value) != NULL, "tfind");
	ok(tdelete(&key, &root, by_value) && !tfind(&key, &root, by_value),
	   "tdelete");
	while (root)
		tdelete(*(int **)root, &root, by_value);
	ok(root == NULL, "down to nothing");
}

int main(void)
{
	sorting();
	searching();
	trees();
	return done();
}

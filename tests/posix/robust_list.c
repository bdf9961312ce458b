// SPDX-License-Identifier: BSD-3-Clause
/*
 * Robust lists by hand: the words of a thread that ends without unlocking
 * them, and lists that lead nowhere.
 */
#define _GNU_SOURCE
#include "futex.h"

#include <stddef.h>
#include <sys/mman.h>

struct entry {
	struct entry *next;
	uint32_t word, pad;
};

struct head {
	struct entry *next;
	long offset;
	struct entry *pending;
};

enum { ENTRIES = 4, MANY = 2100 };

static struct head head;
static struct entry entries[ENTRIES], many[MANY];
static uint32_t plain, begun;

static uint32_t tid(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

static long set_list(struct head *list)
{
	return syscall(SYS_set_robust_list, list, sizeof(*list));
}

static void empty(struct head *list)
{
	*list = (struct head){(struct entry *)list,
			      offsetof(struct entry, word), NULL};
}

static void push(struct head *list, struct entry *entry, uint32_t word)
{
	entry->word = word;
	entry->next = list->next;
	list->next = entry;
}

/* End as a thread does that no C library sees to. */
static void *end(void *result)
{
	return result;
}

static void *die_with_words(void *arg)
{
	empty(&head);
	push(&head, &entries[0], tid());
	push(&head, &entries[1], tid() | WAITERS);
	push(&head, &entries[2], 1);
	entries[3].word = tid();
	head.pending = &entries[3];
	need(set_list(&head) == 0);
	return end(arg);
}

static void words(void)
{
	join(start(die_with_words, NULL));
	ok(entries[0].word == OWNER_DIED, "a word says that its holder died");
	ok(entries[1].word == (OWNER_DIED | WAITERS), "and still who waits");
	ok(entries[2].word == 1, "another's word is left alone");
	ok(entries[3].word == OWNER_DIED, "one that was being locked");
}

static void *die_while_awaited(void *arg)
{
	empty(&head);
	push(&head, &entries[0], tid() | WAITERS);
	need(set_list(&head) == 0);
	store(&begun, 1);
	while (load(&begun) == 1)
		sched_yield();
	return end(arg);
}

static void *await_death(void *arg)
{
	need(futex(&plain, WAIT, 0, 0, NULL, 0) == 0);
	ok(load(&entries[0].word) == (OWNER_DIED | WAITERS),
	   "who waits is woken, and sees why");
	return arg;
}

static void wakes(void)
{
	pthread_t first = start(die_while_awaited, NULL), second;

	await(&begun, 1);
	second = start(await_death, NULL);
	gather(&plain, &entries[0].word, 1);
	store(&begun, 2);
	join(first);
	join(second);
}

static void *die_pi(void *arg)
{
	empty(&head);
	push(&head, &entries[0], 0);
	head.next = (struct entry *)((uintptr_t)head.next | 1);
	need(futex(&entries[0].word, LOCK_PI, 0, 0, NULL, 0) == 0);
	need(set_list(&head) == 0);
	return end(arg);
}

static void priority_inheritance(void)
{
	join(start(die_pi, NULL));
	ok(entries[0].word == OWNER_DIED, "a word that says who holds it");
	ok(futex(&entries[0].word, LOCK_PI, 0, 0, NULL, 0) == 0 &&
		   entries[0].word == (tid() | OWNER_DIED),
	   "it goes to the next");
}

static void *die_in_a_circle(void *arg)
{
	empty(&head);
	push(&head, &entries[0], tid());
	entries[0].next = &entries[0];
	need(set_list(&head) == 0);
	return end(arg);
}

static void *die_with_many(void *arg)
{
	empty(&head);
	for (int i = MANY - 1; i >= 0; i--)
		push(&head, &many[i], tid());
	need(set_list(&head) == 0);
	return end(arg);
}

static void *die_with_nonsense(void *arg)
{
	void *unmapped =
		mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(unmapped != MAP_FAILED);
	empty(&head);
	push(&head, &entries[0], tid());
	entries[0].next = arg == NULL ? unmapped : arg;
	need(set_list(&head) == 0);
	return end(NULL);
}

static void *die_with_nothing(void *arg)
{
	need(set_list(arg) == 0);
	return end(NULL);
}

static void bad_lists(void)
{
	join(start(die_in_a_circle, NULL));
	ok(entries[0].word == OWNER_DIED, "a list without end");
	join(start(die_with_many, NULL));
	ok(many[0].word == OWNER_DIED && many[2047].word == OWNER_DIED &&
		   many[2048].word != OWNER_DIED,
	   "the first 2048 of a long one");
	join(start(die_with_nonsense, NULL));
	ok(entries[0].word == OWNER_DIED, "an entry that may not be read");
	join(start(die_with_nonsense, (void *)0x1230));
	ok(entries[0].word == OWNER_DIED, "an entry that is not there");
	join(start(die_with_nothing, (void *)8));
	ok(1, "a list that is not there");
}

static void *ask(void *arg)
{
	struct head *found = NULL;
	size_t size = 0;

	need(set_list(&head) == 0);
	need(syscall(SYS_get_robust_list, 0, &found, &size) == 0);
	ok(found == &head && size == sizeof(head), "a thread's own list");
	set_list(NULL);
	return arg;
}

static void calls(void)
{
	struct head *found;
	size_t size;

	join(start(ask, NULL));
	fails(syscall(SYS_set_robust_list, &head, 1), EINVAL, "another size");
	fails(syscall(SYS_get_robust_list, 0x3fffffff, &found, &size), ESRCH,
	      "nobody's list");
}

int main(void)
{
	words();
	wakes();
	priority_inheritance();
	bad_lists();
	calls();
	return done();
}

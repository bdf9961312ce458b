// SPDX-License-Identifier: BSD-3-Clause
/*
 * Futexes (futex(2)): wait queues that are found by a word's address.
 *
 * Waiters hang in a table of buckets by address. The word is compared under
 * its bucket's lock, so that a wake-up after a change is not missed; it was
 * read once before, which brought its page in, and pages stay.
 */
#include "core/abi.h"
#include "posix/syscalls.h"
#include "posix/task.h"
#include "posix/time.h"

enum {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_REQUEUE = 3,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET = 10,
	FUTEX_PRIVATE = 128,
	FUTEX_CLOCK_REALTIME = 256,
	FUTEX_COMMAND = ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME),
};

enum { BUCKETS = 64 };

struct waiter {
	struct eft_list link;
	const uint32_t *word; /* changes when it is requeued */
	uint32_t bits;
	struct eft_thread *thread;
	bool woken;
};

static struct bucket {
	struct eft_lock lock;
	struct eft_list waiters;
} buckets[BUCKETS];

static struct bucket *bucket_of(const uint32_t *word)
{
	uint32_t hash = (uintptr_t)word / sizeof(*word) * 2654435761u;

	return &buckets[hash >> 16 & (BUCKETS - 1)];
}

/* Lock the bucket; its list exists from then on. */
static void lock_bucket(struct bucket *bucket)
{
	eft_lock(&bucket->lock);
	if (bucket->waiters.next == NULL)
		eft_list_init(&bucket->waiters);
}

/* In the order of their addresses; they may be one. */
static void lock_two(struct bucket *a, struct bucket *b)
{
	lock_bucket(a < b ? a : b);
	if (a != b)
		lock_bucket(a < b ? b : a);
}

static void unlock_two(struct bucket *a, struct bucket *b)
{
	if (a != b)
		eft_unlock(&b->lock);
	eft_unlock(&a->lock);
}

/* Put the caller's (waiter) in the table if the word still is (value). */
static int enqueue(struct waiter *waiter, uint32_t value)
{
	struct bucket *bucket = bucket_of(waiter->word);
	int error = 0;

	(void)__atomic_load_n(waiter->word, __ATOMIC_RELAXED);
	lock_bucket(bucket);
	if (__atomic_load_n(waiter->word, __ATOMIC_SEQ_CST) == value)
		eft_list_insert(&bucket->waiters, &waiter->link);
	else
		error = -EAGAIN;
	eft_unlock(&bucket->lock);
	return error;
}

/* Take (waiter) out, wherever it is by now. True: somebody woke it. */
static bool dequeue(struct waiter *waiter)
{
	for (;;) {
		const uint32_t *word =
			__atomic_load_n(&waiter->word, __ATOMIC_RELAXED);
		struct bucket *bucket = bucket_of(word);
		bool same;

		lock_bucket(bucket);
		same = word == waiter->word;
		if (same && !waiter->woken)
			eft_list_remove(&waiter->link);
		eft_unlock(&bucket->lock);
		if (same)
			return waiter->woken;
	}
}

static long wait(uint32_t *word, uint32_t value, uint32_t bits,
		 uint64_t deadline_ns)
{
	struct waiter waiter = {
		.word = word, .bits = bits, .thread = eft_current()};
	int error = enqueue(&waiter, value);

	if (error < 0)
		return error;
	while (!__atomic_load_n(&waiter.woken, __ATOMIC_ACQUIRE) && error == 0)
		error = eft_sleep(deadline_ns);
	return dequeue(&waiter) ? 0 : error;
}

static long wake_some_locked(struct bucket *bucket, const uint32_t *word,
			     uint32_t count, uint32_t bits)
{
	struct eft_list *link = bucket->waiters.next;
	uint32_t woken = 0;

	while (link != &bucket->waiters && woken < count) {
		struct waiter *waiter =
			eft_container_of(link, struct waiter, link);

		link = link->next;
		if (waiter->word != word || !(waiter->bits & bits))
			continue;
		eft_list_remove(&waiter->link);
		__atomic_store_n(&waiter->woken, true, __ATOMIC_RELEASE);
		eft_thread_wake(waiter->thread);
		woken++;
	}
	return woken;
}

long eft_futex_wake(uint32_t *word, uint32_t count, uint32_t bits)
{
	struct bucket *bucket = bucket_of(word);
	long woken;

	lock_bucket(bucket);
	woken = wake_some_locked(bucket, word, count, bits);
	eft_unlock(&bucket->lock);
	return woken;
}

static long move_some_locked(struct bucket *from, const uint32_t *word,
			     struct bucket *to, const uint32_t *to_word,
			     uint32_t count)
{
	struct eft_list *link = from->waiters.next;
	uint32_t moved = 0;

	while (link != &from->waiters && moved < count) {
		struct waiter *waiter =
			eft_container_of(link, struct waiter, link);

		link = link->next;
		if (waiter->word != word)
			continue;
		eft_list_remove(&waiter->link);
		__atomic_store_n(&waiter->word, to_word, __ATOMIC_RELAXED);
		eft_list_insert(&to->waiters, &waiter->link);
		moved++;
	}
	return moved;
}

/* Wake (count) and have (move) wait for (to) instead; (expected): or NULL. */
static long requeue(uint32_t *word, uint32_t count, uint32_t *to, uint32_t move,
		    const uint32_t *expected)
{
	struct bucket *a = bucket_of(word), *b = bucket_of(to);
	long result = -EAGAIN;

	(void)__atomic_load_n(word, __ATOMIC_RELAXED);
	lock_two(a, b);
	if (expected == NULL ||
	    __atomic_load_n(word, __ATOMIC_SEQ_CST) == *expected) {
		result = wake_some_locked(a, word, count, ~0u);
		if (word != to)
			result += move_some_locked(a, word, b, to, move);
	}
	unlock_two(a, b);
	return result;
}

/* FUTEX_WAIT has a time from now, FUTEX_WAIT_BITSET a deadline of a clock. */
static int deadline_of(int op, const struct eft_timespec *timeout,
		       uint64_t *ret_deadline_ns)
{
	uint64_t ns = EFT_FOREVER;

	if (timeout != NULL && eft_time_from(timeout, &ns) < 0)
		return -EINVAL;
	if ((op & FUTEX_COMMAND) == FUTEX_WAIT)
		ns = eft_time_after(ns);
	else if (op & FUTEX_CLOCK_REALTIME)
		ns = eft_time_from_realtime(ns);
	*ret_deadline_ns = ns;
	return 0;
}

static long wait_for(uint32_t *word, int op, uint32_t value,
		     const struct eft_timespec *timeout, uint32_t bits)
{
	uint64_t deadline;

	if (bits == 0 || deadline_of(op, timeout, &deadline) < 0)
		return -EINVAL;
	return wait(word, value, bits, deadline);
}

long eft_sys_futex(uint32_t *word, int op, uint32_t value,
		   const struct eft_timespec *timeout, uint32_t *word2,
		   uint32_t value3)
{
	uint32_t value2 =
		(uintptr_t)timeout; /* what it is where nobody waits */

	if ((uintptr_t)word % sizeof(*word) != 0)
		return -EINVAL;
	switch (op & FUTEX_COMMAND) {
	case FUTEX_WAIT:
		return wait_for(word, op, value, timeout, ~0u);
	case FUTEX_WAIT_BITSET:
		return wait_for(word, op, value, timeout, value3);
	case FUTEX_WAKE:
		return eft_futex_wake(word, value, ~0u);
	case FUTEX_WAKE_BITSET:
		return value3 ? eft_futex_wake(word, value, value3) : -EINVAL;
	case FUTEX_REQUEUE:
		return requeue(word, value, word2, value2, NULL);
	case FUTEX_CMP_REQUEUE:
		return requeue(word, value, word2, value2, &value3);
	}
	return -ENOSYS;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Futexes (futex(2)): wait queues that are found by a word's address.
 *
 * Waiters hang in a table of buckets by address. The word is compared under
 * its bucket's lock, so that a wake-up after a change is not missed; should its
 * page not be there, that is brought in without the lock.
 *
 * Who was woken looks at nothing but its own waiter: the waker writes there
 * last, when it has done with the thread too.
 */
#include "posix/futex/futex.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"
#include "posix/thread/task.h"

/* Only programs that name them have them: see posix/futex/futex.h. */
extern __typeof__(eft_futex_requeue) eft_futex_requeue eft_weak;
extern __typeof__(eft_futex_pi) eft_futex_pi eft_weak;
extern __typeof__(eft_futex_shared) eft_futex_shared eft_weak;
extern __typeof__(eft_futex_in_ram) eft_futex_in_ram eft_weak;

enum { BUCKET_BITS = 7, ADDRESS_BITS = 47 };

static struct eft_futex_bucket buckets[1 << BUCKET_BITS] = {
	[0 ...(1 << BUCKET_BITS) - 1] = {.lock = EFT_LOCK_INIT(EFT_RANK_FUTEX)},
};

eft_inline int check(const uint32_t eft_user *word)
{
	uintptr_t addr = (uintptr_t)word;

	if (addr % sizeof(*word) != 0)
		return -EINVAL;
	if (addr >= EFT_PAGE_SIZE && addr >> ADDRESS_BITS == 0)
		return 0;
	return eft_futex_in_ram && eft_futex_in_ram(word) ? 0 : -EFAULT;
}

int eft_futex_check(const uint32_t eft_user *word)
{
	return check(word);
}

/* By the golden ratio (Knuth, The Art of Computer Programming, §6.4). */
struct eft_futex_bucket *eft_futex_bucket(const uint32_t eft_user *word)
{
	uint64_t hash = (uintptr_t)word * 0x9e3779b97f4a7c15u;

	return &buckets[hash >> (64 - BUCKET_BITS)];
}

/* The list exists from the first lock on. */
void eft_futex_lock(struct eft_futex_bucket *bucket)
{
	eft_lock(&bucket->lock);
	if (eft_unlikely(bucket->waiters.next == NULL))
		eft_list_init(&bucket->waiters);
}

eft_inline struct eft_futex_waiter *next(struct eft_futex_bucket *bucket,
					 struct eft_list *link,
					 const uint32_t eft_user *word)
{
	for (; link != &bucket->waiters; link = link->next) {
		struct eft_futex_waiter *waiter =
			eft_container_of(link, struct eft_futex_waiter, link);

		if (waiter->word == word)
			return waiter;
	}
	return NULL;
}

struct eft_futex_waiter *eft_futex_next(struct eft_futex_bucket *bucket,
					struct eft_list *link,
					const uint32_t eft_user *word)
{
	return next(bucket, link, word);
}

int eft_futex_touch(uint32_t eft_user *word, bool written)
{
	uint32_t value = 0;

	return written ? eft_exchange_word(word, &value, 0)
		       : eft_load_word(word, &value);
}

/* Put the caller's (waiter) in the table if the word still is (value). */
static int enqueue(struct eft_futex_waiter *waiter, uint32_t value)
{
	uint32_t eft_user *word = waiter->word;
	struct eft_futex_bucket *bucket = eft_futex_bucket(word);
	uint32_t now;
	int error;

	do {
		eft_futex_lock(bucket);
		error = eft_load_word(word, &now);
		if (error == 0 && now != value)
			error = -EAGAIN;
		if (error == 0)
			eft_list_insert(&bucket->waiters, &waiter->link);
		eft_unlock(&bucket->lock);
	} while (error == -EFAULT && eft_futex_touch(word, false) == 0);
	return error;
}

/*
 * Look at (waiter) with its bucket locked, wherever it is by now, and take it
 * out if it is to (leave). True: somebody woke it, and has done with it.
 */
static bool settle(struct eft_futex_waiter *waiter, bool leave)
{
	for (;;) {
		uint32_t eft_user *word =
			__atomic_load_n(&waiter->word, __ATOMIC_RELAXED);
		struct eft_futex_bucket *bucket = eft_futex_bucket(word);
		bool same;

		eft_futex_lock(bucket);
		same = word == waiter->word;
		if (same && leave && !waiter->woken)
			eft_list_remove(&waiter->link);
		eft_unlock(&bucket->lock);
		if (same)
			return waiter->woken;
	}
}

/* A waiter may run before its waker has written that it is woken. */
static bool sleep(struct eft_futex_waiter *waiter, uint64_t deadline_ns,
		  int *ret_error)
{
	*ret_error = eft_sleep(deadline_ns);
	return __atomic_load_n(&waiter->woken, __ATOMIC_ACQUIRE) ||
	       settle(waiter, *ret_error < 0);
}

static long wait(uint32_t eft_user *word, uint32_t value, uint32_t bits,
		 uint64_t deadline_ns)
{
	struct eft_futex_waiter waiter;
	int error;

	waiter.word = word;
	waiter.bits = bits;
	waiter.kind = EFT_FUTEX_PLAIN;
	waiter.thread = eft_current();
	waiter.woken = false;
	error = enqueue(&waiter, value);
	while (error == 0) {
		if (sleep(&waiter, deadline_ns, &error))
			return 0;
	}
	return error;
}

/* The waiter is on another's stack: it may be gone after the last line. */
eft_inline void wake_waiter(struct eft_futex_waiter *waiter)
{
	eft_list_remove(&waiter->link);
	eft_thread_wake(waiter->thread);
	__atomic_store_n(&waiter->woken, true, __ATOMIC_RELEASE);
}

void eft_futex_wake_waiter(struct eft_futex_waiter *waiter)
{
	wake_waiter(waiter);
}

long eft_futex_wake_locked(struct eft_futex_bucket *bucket,
			   const uint32_t eft_user *word, int count,
			   uint32_t bits)
{
	struct eft_list *link = bucket->waiters.next;
	struct eft_futex_waiter *waiter;
	int woken = 0;

	while ((waiter = next(bucket, link, word)) != NULL) {
		link = waiter->link.next;
		if (waiter->kind != EFT_FUTEX_PLAIN)
			return -EINVAL;
		if (!(waiter->bits & bits))
			continue;
		wake_waiter(waiter);
		if (++woken >= count)
			break;
	}
	return woken;
}

long eft_futex_wake(uint32_t eft_user *word, int count, uint32_t bits)
{
	struct eft_futex_bucket *bucket = eft_futex_bucket(word);
	long woken;

	if (eft_futex_idle(&bucket->lock, &bucket->waiters))
		return 0;
	eft_futex_lock(bucket);
	woken = eft_futex_wake_locked(bucket, word, count, bits);
	eft_unlock(&bucket->lock);
	return woken;
}

const uint32_t eft_user *eft_futex_waited_for(const struct eft_thread *thread)
{
	for (unsigned i = 0; i < 1 << BUCKET_BITS; i++) {
		struct eft_list *head = &buckets[i].waiters, *link = head->next;

		for (; link != NULL && link != head; link = link->next) {
			struct eft_futex_waiter *waiter = eft_container_of(
				link, struct eft_futex_waiter, link);

			if (waiter->thread == thread)
				return waiter->word;
		}
	}
	return NULL;
}

/* FUTEX_WAIT has a time from now, the others a deadline of a clock. */
int eft_futex_deadline(int op, const struct eft_timespec eft_user *timeout,
		       uint64_t *ret_deadline_ns)
{
	int command = op & FUTEX_COMMAND;
	uint64_t ns = EFT_FOREVER;
	int error = eft_time_get(timeout, &ns);

	if (error < 0)
		return error;
	if (command == FUTEX_WAIT)
		ns = eft_deadline_after(ns);
	else if (command == FUTEX_LOCK_PI || op & FUTEX_CLOCK_REALTIME)
		ns = eft_time_from_realtime(ns);
	*ret_deadline_ns = ns;
	return 0;
}

/* A wait that has an end is not begun anew after a handler, as on Linux. */
static long wait_for(uint32_t eft_user *word, int op, uint32_t value,
		     const struct eft_timespec eft_user *timeout, uint32_t bits)
{
	uint64_t deadline = EFT_FOREVER;
	int error = 0;

	if (timeout != NULL)
		error = eft_futex_deadline(op, timeout, &deadline);
	if (error == 0 && bits == 0)
		error = -EINVAL;
	if (error == 0)
		error = check(word);
	if (error < 0)
		return error;
	return eft_interrupted(wait(word, value, bits, deadline),
			       deadline == EFT_FOREVER ? EFT_RESTART
						       : EFT_RESTART_UNHANDLED,
			       deadline);
}

static long wake(uint32_t eft_user *word, int count, uint32_t bits)
{
	int error = bits == 0 ? -EINVAL : check(word);

	return error < 0 ? error : eft_futex_wake(word, count, bits);
}

long eft_futex_wake_private(uint32_t eft_user *word, int count)
{
	return wake(word, count, ~0u);
}

enum {
	TAKE_CLOCK = 1 << FUTEX_WAIT_BITSET | 1 << FUTEX_LOCK_PI2 |
		     1 << FUTEX_WAIT_REQUEUE_PI
};

eft_no_stack_guard long
eft_sys_futex(uint32_t eft_user *word, int op, uint32_t value,
	      const struct eft_timespec eft_user *timeout,
	      uint32_t eft_user *word2, uint32_t value3)
{
	__typeof__(eft_futex_pi) *other = eft_futex_pi;
	int command = op & FUTEX_COMMAND;
	uint32_t bits = command < FUTEX_WAIT_BITSET ? ~0u : value3;

	if (!(op & FUTEX_PRIVATE) && eft_futex_shared != NULL)
		return eft_futex_shared(word, op, value, timeout, word2,
					value3);
	if (op & FUTEX_CLOCK_REALTIME &&
	    (command < 0 || command >= 32 || !(TAKE_CLOCK >> command & 1)))
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return wait_for(word, op, value, timeout, bits);
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
		return wake(word, value, bits);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_WAKE_OP:
		other = eft_futex_requeue;
	}
	return other ? other(word, op, value, timeout, word2, value3) : -ENOSYS;
}

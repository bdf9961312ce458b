// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Futexes: between the files of futex(2).
 *
 *	private.c  to wait and to wake, for the C library's own locks
 *	futex.c    the table; to wait and to wake
 *	requeue.c  to move waiters, to wake by another word's value
 *	pi.c       words that say who holds them
 *	shared.c   words in files that others may have mapped too
 *
 * private.c is in all images, futex.c in those that make threads or name
 * other operations. requeue.c and pi.c are in an image whose C
 * library names one of their operations
 * (posix/musl/overlay/arch/x86_64/syscall_arch.h), or that calls syscall();
 * shared.c in one that makes threads, or has what waits for a word that
 * may be shared (posix/musl/overlay/src/thread/eft_shared.h).
 */
#include "core/abi.h"
#include "core/thread.h"
#include "core/user.h"
#include "posix/time/time.h"

/* futex(2): include/uapi/linux/futex.h. */
enum {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_REQUEUE = 3,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAKE_OP = 5,
	FUTEX_LOCK_PI = 6,
	FUTEX_UNLOCK_PI = 7,
	FUTEX_TRYLOCK_PI = 8,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET = 10,
	FUTEX_WAIT_REQUEUE_PI = 11,
	FUTEX_CMP_REQUEUE_PI = 12,
	FUTEX_LOCK_PI2 = 13,
	FUTEX_PRIVATE = 128,
	FUTEX_CLOCK_REALTIME = 256,
	FUTEX_COMMAND = ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME),
};

/* What a waiter waits for. */
enum eft_futex_kind {
	EFT_FUTEX_PLAIN, /* to be woken */
	EFT_FUTEX_PI,	 /* to be given the word */
	EFT_FUTEX_TO_PI, /* to be moved to a word that it is given */
};

struct eft_futex_waiter {
	/* Owned by the lock of its word's bucket. */
	struct eft_list link;
	uint32_t eft_user *word; /* changes when it is moved */
	uint32_t bits;
	enum eft_futex_kind kind;

	struct eft_thread *thread;
	bool woken; /* the last that the waker writes: the waiter may go */
};

/* Waiters of the words of one hash, in the order of their coming. */
struct eft_futex_bucket {
	struct eft_lock lock;
	struct eft_list waiters;
} __attribute__((aligned(64)));

/* A word that may be looked at: 0; -EINVAL not aligned; -EFAULT a wrong address.
 */
int eft_futex_check(const uint32_t eft_user *word);

/*
 * Words are read and changed with spin locks held, under which no page can be
 * brought in: a word that is not there is -EFAULT then. Who has let go of its
 * locks calls this, which brings the word in, and begins anew; it is -EFAULT
 * where the program has no such memory, to read or (written) also to write.
 */
int eft_futex_touch(uint32_t eft_user *word, bool written);

struct eft_futex_bucket *eft_futex_bucket(const uint32_t eft_user *word);

/*
 * Does nobody wait on the list that (lock) guards? The caller has changed what
 * is waited for. A waiter looks at that with the lock held: who has it now may
 * have looked before the change, and be about to wait; who takes it later sees
 * the change; and who has given it back is on the list. (A lock is taken by an
 * exchange: a full barrier, on x86-64.)
 */
eft_inline bool eft_futex_idle(const struct eft_lock *lock,
			       const struct eft_list *waiters)
{
	const struct eft_list *first;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&lock->held, __ATOMIC_ACQUIRE))
		return false;
	first = __atomic_load_n(&waiters->next, __ATOMIC_RELAXED);
	return first == waiters || first == NULL; /* before its first lock */
}

/* Lock the buckets of two words; they may be one. */
void eft_futex_lock_two(struct eft_futex_bucket *a, struct eft_futex_bucket *b);
void eft_futex_unlock_two(struct eft_futex_bucket *a,
			  struct eft_futex_bucket *b);
void eft_futex_lock(struct eft_futex_bucket *bucket);

/* The first waiter of (word) at or after (link), or NULL. Holds the lock. */
struct eft_futex_waiter *eft_futex_next(struct eft_futex_bucket *bucket,
					struct eft_list *link,
					const uint32_t eft_user *word);

/* Take (waiter) off its bucket and wake it. Holds the lock. */
void eft_futex_wake_waiter(struct eft_futex_waiter *waiter);

/*
 * Wake as many waiters of (word) as Linux does for (count), which is one at
 * least. Holds the lock.
 *
 * Returns   how many; -EINVAL one of them waits to be given the word
 */
long eft_futex_wake_locked(struct eft_futex_bucket *bucket,
			   const uint32_t eft_user *word, int count,
			   uint32_t bits);

/* The deadline that (timeout) is for (op), NULL: none. 0; -EINVAL; -EFAULT */
int eft_futex_deadline(int op, const struct eft_timespec eft_user *timeout,
		       uint64_t *ret_deadline_ns);

/*
 * The operations of the other files, with futex(2)'s arguments.
 */
long eft_futex_plain(uint32_t eft_user *word, int op, uint32_t value);
/* FUTEX_WAKE with FUTEX_PRIVATE. */
long eft_futex_wake_private(uint32_t eft_user *word, int count);
long eft_futex_requeue(uint32_t eft_user *word, int op, uint32_t value,
		       const struct eft_timespec eft_user *timeout,
		       uint32_t eft_user *word2, uint32_t value3);
long eft_futex_pi(uint32_t eft_user *word, int op, uint32_t value,
		  const struct eft_timespec eft_user *timeout,
		  uint32_t eft_user *word2, uint32_t value3);
/* (word) is in RAM, as one in a file of the tree is. */
bool eft_futex_in_ram(const uint32_t eft_user *word);
/* Any operation without FUTEX_PRIVATE. */
long eft_futex_shared(uint32_t eft_user *word, int op, uint32_t value,
		      const struct eft_timespec eft_user *timeout,
		      uint32_t eft_user *word2, uint32_t value3);

/*
 * The task (tid) ends: it lets go of (word), if it holds it; and, when nobody
 * finds the task any more, of all words that others wait for. Context: thread.
 */
void eft_futex_pi_bereave(uint32_t eft_user *word, int tid);
void eft_futex_pi_release(int tid);

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Futexes that say who holds them (futex(2), "Priority-inheritance futexes").
 *
 * WORD   The holder's number, 0 where nobody holds it; FUTEX_WAITERS where the
 *        holder has to call FUTEX_UNLOCK_PI; FUTEX_OWNER_DIED where the last
 *        holder ended without. A word that is free is taken by the program.
 * GIVING A word that has waiters is never free: it is given to the first. No
 *        thread has a priority here, so that there is none to inherit.
 * LOCKS  `blocked` guards all who wait to be given a word, outside of their
 *        buckets' locks. So who waits for whom stands still while a cycle is
 *        looked for; words are looked at only in the callers' own memory.
 */
#define EFT_LOCK_CALLS
#include "posix/futex/futex.h"
#include "posix/signal/restart.h"
#include "posix/thread/task.h"

#define TID_MASK   0x3fffffffu
#define OWNER_DIED 0x40000000u
#define WAITERS	   0x80000000u

struct pi_waiter {
	struct eft_futex_waiter base; /* kind: PI, or TO_PI */
	struct eft_list link;	      /* of all who are PI */
	struct eft_task *task;
	uint32_t eft_user *target; /* TO_PI: the word to be moved to */
	int owner;		   /* PI: who holds the word */
};

static struct {
	struct eft_lock lock;
	struct eft_list waiters;
} blocked = {
	.lock = EFT_LOCK_INIT(EFT_RANK_FUTEX_OWNERS),
	.waiters = {&blocked.waiters, &blocked.waiters},
};

static struct pi_waiter *pi_of(struct eft_futex_waiter *waiter)
{
	return eft_container_of(waiter, struct pi_waiter, base);
}

static struct eft_futex_waiter *first_of(struct eft_futex_bucket *bucket,
					 const uint32_t eft_user *word)
{
	return eft_futex_next(bucket, bucket->waiters.next, word);
}

/*
 * Store (with) where the word is *value; -EAGAIN: it is not, and *value is what
 * it is. -EFAULT: begin anew (eft_futex_touch()).
 */
static int replace(uint32_t eft_user *word, uint32_t *value, uint32_t with)
{
	uint32_t expected = *value;

	if (eft_exchange_word(word, value, with) != 0)
		return -EFAULT;
	return *value == expected ? 0 : -EAGAIN;
}

/* Store (value), whatever is there. -EFAULT */
static int store(uint32_t eft_user *word, uint32_t value)
{
	uint32_t seen = 0;
	int error;

	while ((error = replace(word, &seen, value)) == -EAGAIN)
		;
	return error;
}

/* The one that (tid) waits to be given, or NULL. */
static struct pi_waiter *wait_of(int tid)
{
	struct eft_list *link = blocked.waiters.next;

	for (; link != &blocked.waiters; link = link->next) {
		struct pi_waiter *waiter =
			eft_container_of(link, struct pi_waiter, link);

		if (waiter->task->tid == tid)
			return waiter;
	}
	return NULL;
}

/* Does (owner) wait, over others perhaps, for (tid)? */
static bool waits_for(int owner, int tid)
{
	const struct pi_waiter *waiter;

	while (owner != tid && (waiter = wait_of(owner)) != NULL)
		owner = waiter->owner;
	return owner == tid;
}

/*
 * Take (word) for (task) if it is free; else see that its owner will notice.
 *
 * Returns   0, (*ret_owner) the owner, 0 where it is the task now; -EDEADLK,
 *           -ESRCH, -EINVAL, -EFAULT
 */
static int take_locked(struct eft_futex_bucket *bucket, uint32_t eft_user *word,
		       struct eft_task *task, int *ret_owner)
{
	struct eft_futex_waiter *first = first_of(bucket, word);
	uint32_t value, with;
	int owner, error;

	if (eft_load_word(word, &value) != 0)
		return -EFAULT;
	do {
		owner = value & TID_MASK;
		if (owner == task->tid)
			return -EDEADLK;
		if (first != NULL && first->kind != EFT_FUTEX_PI)
			return -EINVAL;
		if (owner != 0)
			with = value | WAITERS;
		else
			with = (value & OWNER_DIED) | (uint32_t)task->tid |
			       (first ? WAITERS : 0);
		error = replace(word, &value, with);
	} while (error == -EAGAIN);
	if (error != 0)
		return error;
	if (owner != 0 && !eft_task_exists(owner))
		return -ESRCH;
	if (owner != 0 && waits_for(owner, task->tid))
		return -EDEADLK;
	*ret_owner = owner;
	return 0;
}

static void block_locked(struct pi_waiter *waiter, int owner)
{
	waiter->base.kind = EFT_FUTEX_PI;
	waiter->owner = owner;
	eft_list_insert(&blocked.waiters, &waiter->link);
}

/* (first) has its word; the others wait for it then. */
static void hand_over_locked(struct eft_futex_bucket *bucket,
			     struct pi_waiter *first)
{
	struct eft_list *link = first->base.link.next;
	struct eft_futex_waiter *other;
	int tid = first->task->tid;

	while ((other = eft_futex_next(bucket, link, first->base.word)) !=
	       NULL) {
		pi_of(other)->owner = tid;
		link = other->link.next;
	}
	eft_list_remove(&first->link);
	eft_futex_wake_waiter(&first->base);
}

/* Give (word) to (first), with (died) perhaps. -EFAULT */
static int give_locked(struct eft_futex_bucket *bucket, uint32_t eft_user *word,
		       struct pi_waiter *first, uint32_t died)
{
	int error = store(word, (uint32_t)first->task->tid | WAITERS | died);

	if (error == 0)
		hand_over_locked(bucket, first);
	return error;
}

/* True: (waiter) was given its word; false: it is out of all lists. */
static bool give_up(struct pi_waiter *waiter)
{
	struct eft_futex_bucket *bucket;
	bool woken;

	eft_lock(&blocked.lock);
	bucket = eft_futex_bucket(waiter->base.word);
	eft_futex_lock(bucket);
	woken = waiter->base.woken;
	if (!woken) {
		eft_list_remove(&waiter->base.link);
		if (waiter->base.kind == EFT_FUTEX_PI)
			eft_list_remove(&waiter->link);
	}
	eft_unlock(&bucket->lock);
	eft_unlock(&blocked.lock);
	return woken;
}

/* 0 (waiter) was given its word; -ETIMEDOUT, -EINTR. */
static int sleep(struct pi_waiter *waiter, uint64_t deadline_ns)
{
	const bool *woken = &waiter->base.woken;
	int error = 0;

	while (!__atomic_load_n(woken, __ATOMIC_ACQUIRE) && error == 0) {
		error = eft_sleep(deadline_ns);
		if (error == 0 && !__atomic_load_n(woken, __ATOMIC_ACQUIRE)) {
			/* The waker may have it in hand still. */
			eft_lock(&blocked.lock);
			eft_unlock(&blocked.lock);
		}
	}
	return error < 0 && give_up(waiter) ? 0 : error;
}

static void prepare(struct pi_waiter *waiter, uint32_t eft_user *word)
{
	*waiter = (struct pi_waiter){
		.base = {.word = word, .thread = eft_current()},
		.task = eft_task_current(),
	};
}

/* Take (word) for (waiter), or have it wait for *ret_owner. */
static int take(struct pi_waiter *waiter, bool try_only, int *ret_owner)
{
	uint32_t eft_user *word = waiter->base.word;
	struct eft_futex_bucket *bucket = eft_futex_bucket(word);
	int error;

	eft_lock(&blocked.lock);
	eft_futex_lock(bucket);
	error = take_locked(bucket, word, waiter->task, ret_owner);
	if (error == 0 && *ret_owner != 0 && try_only)
		error = -EAGAIN;
	if (error == 0 && *ret_owner != 0) {
		eft_list_insert(&bucket->waiters, &waiter->base.link);
		block_locked(waiter, *ret_owner);
	}
	eft_unlock(&bucket->lock);
	eft_unlock(&blocked.lock);
	return error;
}

static long lock(uint32_t eft_user *word, bool try_only, uint64_t deadline_ns)
{
	struct pi_waiter waiter;
	int owner = 0, error;

	prepare(&waiter, word);
	do {
		if (eft_futex_touch(word, true) != 0)
			return -EFAULT;
		error = take(&waiter, try_only, &owner);
	} while (error == -EFAULT);
	return error < 0 || owner == 0 ? error : sleep(&waiter, deadline_ns);
}

/* A wait for a lock is begun anew whatever a handler's flags say. */
static long lock_until(uint32_t eft_user *word, int op,
		       const struct eft_timespec eft_user *timeout)
{
	uint64_t deadline;
	int error = eft_futex_deadline(op, timeout, &deadline);

	if (error == 0)
		error = eft_futex_check(word);
	if (error < 0)
		return error;
	return eft_interrupted(lock(word, false, deadline), EFT_RESTART_ALWAYS,
			       0);
}

static int unlock_locked(struct eft_futex_bucket *bucket,
			 uint32_t eft_user *word)
{
	struct eft_futex_waiter *first = first_of(bucket, word);
	uint32_t value;
	int error = eft_load_word(word, &value);

	if (error != 0)
		return error;
	do {
		if ((int)(value & TID_MASK) != eft_task_current()->tid)
			return -EPERM;
		if (first != NULL && first->kind != EFT_FUTEX_PI)
			return -EINVAL;
		if (first != NULL)
			return give_locked(bucket, word, pi_of(first), 0);
		error = replace(word, &value, 0);
	} while (error == -EAGAIN);
	return error;
}

static long unlock(uint32_t eft_user *word)
{
	struct eft_futex_bucket *bucket = eft_futex_bucket(word);
	uint32_t value;
	int error = eft_futex_check(word);

	if (error < 0)
		return error;
	do {
		if (eft_load_word(word, &value) != 0)
			return -EFAULT;
		if ((int)(value & TID_MASK) != eft_task_current()->tid)
			return -EPERM;
		if (eft_futex_touch(word, true) != 0)
			return -EFAULT;
		eft_lock(&blocked.lock);
		eft_futex_lock(bucket);
		error = unlock_locked(bucket, word);
		eft_unlock(&bucket->lock);
		eft_unlock(&blocked.lock);
	} while (error == -EFAULT);
	return error;
}

/* (word) loses its owner (tid), if that it is, who ends. -EFAULT */
static int bereave_locked(struct eft_futex_bucket *bucket,
			  uint32_t eft_user *word, int tid)
{
	struct eft_futex_waiter *first = first_of(bucket, word);
	uint32_t value;
	int error = eft_load_word(word, &value);

	if (error != 0)
		return error;
	do {
		if ((int)(value & TID_MASK) != tid)
			return 0;
		if (first != NULL && first->kind == EFT_FUTEX_PI)
			return give_locked(bucket, word, pi_of(first),
					   OWNER_DIED);
		error = replace(word, &value, (value & WAITERS) | OWNER_DIED);
	} while (error == -EAGAIN);
	return error;
}

void eft_futex_pi_bereave(uint32_t eft_user *word, int tid)
{
	struct eft_futex_bucket *bucket = eft_futex_bucket(word);
	int error;

	do {
		if (eft_futex_touch(word, true) != 0)
			return;
		eft_lock(&blocked.lock);
		eft_futex_lock(bucket);
		error = bereave_locked(bucket, word, tid);
		eft_unlock(&bucket->lock);
		eft_unlock(&blocked.lock);
	} while (error == -EFAULT);
}

/* Some waiter of a word that (tid) holds, or NULL. */
static struct pi_waiter *waiter_for(int tid)
{
	struct eft_list *link = blocked.waiters.next;

	for (; link != &blocked.waiters; link = link->next) {
		struct pi_waiter *waiter =
			eft_container_of(link, struct pi_waiter, link);

		if (waiter->owner == tid)
			return waiter;
	}
	return NULL;
}

/*
 * Give the word of (waiter) on. Where (gone), the program has no such memory
 * any more: the first waiter finds out.
 */
static int release_locked(struct pi_waiter *waiter, bool gone)
{
	uint32_t eft_user *word = waiter->base.word;
	struct eft_futex_bucket *bucket = eft_futex_bucket(word);
	struct pi_waiter *first;
	int error = 0;

	eft_futex_lock(bucket);
	first = pi_of(first_of(bucket, word));
	if (gone)
		hand_over_locked(bucket, first);
	else
		error = give_locked(bucket, word, first, OWNER_DIED);
	eft_unlock(&bucket->lock);
	return error;
}

/* All waiters of a word have the same owner: that of its first. */
void eft_futex_pi_release(int tid)
{
	struct pi_waiter *waiter;
	bool gone = false;

	if (eft_futex_idle(&blocked.lock, &blocked.waiters))
		return;
	eft_lock(&blocked.lock);
	while ((waiter = waiter_for(tid)) != NULL) {
		uint32_t eft_user *word = waiter->base.word;

		if (release_locked(waiter, gone) == 0) {
			gone = false;
			continue;
		}
		eft_unlock(&blocked.lock);
		gone = eft_futex_touch(word, true) != 0;
		eft_lock(&blocked.lock);
	}
	eft_unlock(&blocked.lock);
}

/* Have (waiter) wait for its word, if that still is (value). */
static int enqueue(struct pi_waiter *waiter, uint32_t value)
{
	uint32_t eft_user *word = waiter->base.word;
	struct eft_futex_bucket *bucket = eft_futex_bucket(word);
	uint32_t now;
	int error;

	eft_futex_lock(bucket);
	error = eft_load_word(word, &now);
	if (error == 0 && now != value)
		error = -EAGAIN;
	if (error == 0)
		eft_list_insert(&bucket->waiters, &waiter->base.link);
	eft_unlock(&bucket->lock);
	return error;
}

/* Wait for (word), to be moved to (target) and to be given that. */
static long wait_requeue(uint32_t eft_user *word, uint32_t value,
			 uint32_t eft_user *target, uint64_t deadline_ns)
{
	struct pi_waiter waiter;
	int error;

	prepare(&waiter, word);
	waiter.base.kind = EFT_FUTEX_TO_PI;
	waiter.target = target;
	do {
		if (eft_futex_touch(word, false) != 0 ||
		    eft_futex_touch(target, true) != 0)
			return -EFAULT;
		error = enqueue(&waiter, value);
	} while (error == -EFAULT);
	if (error == 0)
		error = sleep(&waiter, deadline_ns);
	if (error == -EINTR && waiter.base.kind == EFT_FUTEX_PI)
		error = -EAGAIN; /* it has been moved: wait no more */
	return error;
}

static long wait_requeue_until(uint32_t eft_user *word, int op, uint32_t value,
			       const struct eft_timespec eft_user *timeout,
			       uint32_t eft_user *target)
{
	uint64_t deadline;
	int error = eft_futex_deadline(op, timeout, &deadline);

	if (error == 0 && word == target)
		error = -EINVAL;
	if (error == 0)
		error = eft_futex_check(word);
	if (error == 0)
		error = eft_futex_check(target);
	if (error < 0)
		return error;
	return eft_interrupted(wait_requeue(word, value, target, deadline),
			       EFT_RESTART_ALWAYS, 0);
}

/* Give (target) to (waiter) if it is free, else have it wait there. */
static int move_locked(struct pi_waiter *waiter, uint32_t eft_user *target,
		       struct eft_futex_bucket *to)
{
	int owner, error = take_locked(to, target, waiter->task, &owner);

	if (error < 0)
		return error;
	waiter->base.word = target;
	if (owner == 0) {
		eft_futex_wake_waiter(&waiter->base);
		return 0;
	}
	eft_list_remove(&waiter->base.link);
	eft_list_insert(&to->waiters, &waiter->base.link);
	block_locked(waiter, owner);
	return 0;
}

static long requeue_locked(struct eft_futex_bucket *from,
			   uint32_t eft_user *word, struct eft_futex_bucket *to,
			   uint32_t eft_user *target, int most)
{
	struct eft_futex_waiter *waiter;
	int count = 0, error = 0;

	while (count < most + 1 && (waiter = first_of(from, word)) != NULL) {
		if (waiter->kind != EFT_FUTEX_TO_PI ||
		    pi_of(waiter)->target != target)
			error = -EINVAL;
		else
			error = move_locked(pi_of(waiter), target, to);
		if (error < 0)
			break;
		count++;
	}
	return count > 0 ? count : error;
}

/* FUTEX_CMP_REQUEUE_PI: one may get (target), (most) others wait for it. */
static long requeue(uint32_t eft_user *word, int wake,
		    uint32_t eft_user *target, int most, uint32_t expected)
{
	struct eft_futex_bucket *from = eft_futex_bucket(word);
	struct eft_futex_bucket *to = eft_futex_bucket(target);
	long result = word == target || wake != 1 || most < 0 ? -EINVAL : 0;
	uint32_t now;

	if (result == 0)
		result = eft_futex_check(word);
	if (result == 0)
		result = eft_futex_check(target);
	if (result < 0)
		return result;
	do {
		if (eft_futex_touch(word, false) != 0 ||
		    eft_futex_touch(target, true) != 0)
			return -EFAULT;
		eft_lock(&blocked.lock);
		eft_futex_lock_two(from, to);
		result = eft_load_word(word, &now);
		if (result == 0 && now != expected)
			result = -EAGAIN;
		if (result == 0)
			result = requeue_locked(from, word, to, target, most);
		eft_futex_unlock_two(from, to);
		eft_unlock(&blocked.lock);
	} while (result == -EFAULT);
	return result;
}

long eft_futex_pi(uint32_t eft_user *word, int op, uint32_t value,
		  const struct eft_timespec eft_user *timeout,
		  uint32_t eft_user *word2, uint32_t value3)
{
	int error;

	switch (op & FUTEX_COMMAND) {
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return lock_until(word, op, timeout);
	case FUTEX_TRYLOCK_PI:
		error = eft_futex_check(word);
		return error < 0 ? error : lock(word, true, 0);
	case FUTEX_UNLOCK_PI:
		return unlock(word);
	case FUTEX_WAIT_REQUEUE_PI:
		return wait_requeue_until(word, op, value, timeout, word2);
	case FUTEX_CMP_REQUEUE_PI:
		return requeue(word, value, word2, (int)(uintptr_t)timeout,
			       value3);
	}
	return -ENOSYS;
}

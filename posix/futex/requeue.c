// SPDX-License-Identifier: BSD-3-Clause
/*
 * Futexes: two words at a time. Waiters of one are moved to the other, or the
 * second is changed and its old value says whether its waiters wake too.
 */
#include "posix/futex/futex.h"

/* FUTEX_WAKE_OP's value3: what to do, a condition, and an argument of each. */
enum { OP_SET, OP_ADD, OP_OR, OP_ANDN, OP_XOR, OP_ARG_SHIFT = 8 };
enum { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE };

void eft_futex_lock_two(struct eft_futex_bucket *a, struct eft_futex_bucket *b)
{
	eft_futex_lock(a < b ? a : b);
	if (a != b)
		eft_futex_lock(a < b ? b : a);
}

void eft_futex_unlock_two(struct eft_futex_bucket *a,
			  struct eft_futex_bucket *b)
{
	if (a != b)
		eft_unlock(&b->lock);
	eft_unlock(&a->lock);
}

static void move(struct eft_futex_waiter *waiter, struct eft_futex_bucket *from,
		 struct eft_futex_bucket *to, uint32_t eft_user *to_word)
{
	__atomic_store_n(&waiter->word, to_word, __ATOMIC_RELAXED);
	if (from == to)
		return;
	eft_list_remove(&waiter->link);
	eft_list_insert(&to->waiters, &waiter->link);
}

/* Wake (wake) waiters of (word), move (most) of the others. How many both. */
static long requeue_locked(struct eft_futex_bucket *from,
			   uint32_t eft_user *word, int wake,
			   struct eft_futex_bucket *to,
			   uint32_t eft_user *to_word, int most)
{
	struct eft_list *link = from->waiters.next;
	struct eft_futex_waiter *waiter;
	int count = 0;

	while (count - wake < most &&
	       (waiter = eft_futex_next(from, link, word)) != NULL) {
		link = waiter->link.next;
		if (waiter->kind != EFT_FUTEX_PLAIN)
			return -EINVAL;
		if (++count <= wake)
			eft_futex_wake_waiter(waiter);
		else
			move(waiter, from, to, to_word);
	}
	return count;
}

/* (expected): what the word has to be, or NULL. */
static long requeue(uint32_t eft_user *word, int wake,
		    uint32_t eft_user *to_word, int most,
		    const uint32_t *expected)
{
	struct eft_futex_bucket *from = eft_futex_bucket(word);
	struct eft_futex_bucket *to = eft_futex_bucket(to_word);
	uint32_t now;
	long result;

	do {
		result = 0;
		if (expected != NULL && eft_futex_touch(word, false) != 0)
			return -EFAULT;
		eft_futex_lock_two(from, to);
		if (expected != NULL)
			result = eft_load_word(word, &now);
		if (result == 0 && expected != NULL && now != *expected)
			result = -EAGAIN;
		if (result == 0)
			result = requeue_locked(from, word, wake, to, to_word,
						most);
		eft_futex_unlock_two(from, to);
	} while (result == -EFAULT);
	return result;
}

/* The (shift)th twelve bits of (code), with their sign. */
static int argument(uint32_t code, unsigned shift)
{
	return (int)(code << (20 - shift)) >> 20;
}

static uint32_t changed(uint32_t old, uint32_t code)
{
	uint32_t arg = (uint32_t)argument(code, 12);

	if (code >> 28 & OP_ARG_SHIFT)
		arg = 1u << (arg & 31);
	switch (code >> 28 & ~(unsigned)OP_ARG_SHIFT) {
	case OP_SET:
		return arg;
	case OP_ADD:
		return old + arg;
	case OP_OR:
		return old | arg;
	case OP_ANDN:
		return old & ~arg;
	default:
		return old ^ arg;
	}
}

/* 0 or 1; -ENOSYS no such condition. */
static int holds(int old, uint32_t code)
{
	int arg = argument(code, 0);

	switch (code >> 24 & 15) {
	case CMP_EQ:
		return old == arg;
	case CMP_NE:
		return old != arg;
	case CMP_LT:
		return old < arg;
	case CMP_LE:
		return old <= arg;
	case CMP_GT:
		return old > arg;
	case CMP_GE:
		return old >= arg;
	}
	return -ENOSYS;
}

/* *ret_old: what was there. -EFAULT */
static int change(uint32_t eft_user *word, uint32_t code, uint32_t *ret_old)
{
	uint32_t old, seen;
	int error = eft_load_word(word, &seen);

	do {
		old = seen;
		if (error == 0)
			error = eft_exchange_word(word, &seen,
						  changed(old, code));
	} while (error == 0 && seen != old);
	*ret_old = old;
	return error;
}

/* Wake by the second word's old value; -EFAULT: it is not there. */
static long wake_op_locked(struct eft_futex_bucket *a, uint32_t eft_user *word,
			   int count, struct eft_futex_bucket *b,
			   uint32_t eft_user *word2, int count2, uint32_t code)
{
	uint32_t old;
	long result, more = change(word2, code, &old);

	if (more == 0)
		more = holds((int)old, code);
	if (more < 0)
		return more;
	result = eft_futex_wake_locked(a, word, count, ~0u);
	if (more > 0 && result >= 0) {
		more = eft_futex_wake_locked(b, word2, count2, ~0u);
		result = more < 0 ? more : result + more;
	}
	return result;
}

static long wake_op(uint32_t eft_user *word, int count,
		    uint32_t eft_user *word2, int count2, uint32_t code)
{
	struct eft_futex_bucket *a = eft_futex_bucket(word);
	struct eft_futex_bucket *b = eft_futex_bucket(word2);
	long result;

	if ((code >> 28 & ~(unsigned)OP_ARG_SHIFT) > OP_XOR)
		return -ENOSYS;
	do {
		if (eft_futex_touch(word2, true) != 0)
			return -EFAULT;
		eft_futex_lock_two(a, b);
		result = wake_op_locked(a, word, count, b, word2, count2, code);
		eft_futex_unlock_two(a, b);
	} while (result == -EFAULT);
	return result;
}

long eft_futex_requeue(uint32_t eft_user *word, int op, uint32_t value,
		       const struct eft_timespec eft_user *timeout,
		       uint32_t eft_user *word2, uint32_t value3)
{
	int value2 = (int)(uintptr_t)timeout; /* where nobody waits */
	int command = op & FUTEX_COMMAND;
	int error = eft_futex_check(word);

	if (command != FUTEX_WAKE_OP && ((int)value < 0 || value2 < 0))
		return -EINVAL;
	if (error == 0)
		error = eft_futex_check(word2);
	if (error < 0)
		return error;
	if (command == FUTEX_WAKE_OP)
		return wake_op(word, value, word2, value2, value3);
	return requeue(word, value, word2, value2,
		       command == FUTEX_CMP_REQUEUE ? &value3 : NULL);
}

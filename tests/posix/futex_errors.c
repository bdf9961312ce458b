// SPDX-License-Identifier: BSD-3-Clause
/*
 * Arguments of futex(2) that are wrong.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "futex.h"

static uint32_t words[3];
static uint32_t *const word = words, *const other = words + 1;
static uint32_t *const odd = (uint32_t *)((char *)words + 2);
static uint32_t *const high = (uint32_t *)(1ul << 63);

static void operations(void)
{
	fails(futex(word, 2, 0, 0, NULL, 0), ENOSYS, "FUTEX_FD is gone");
	fails(futex(word, 14, 0, 0, NULL, 0), ENOSYS, "no such operation");
	fails(futex(word, 127, 0, 0, NULL, 0), ENOSYS, "nor such a one");
	fails(futex(word, -22, 0, 0, NULL, 0), ENOSYS, "nor one below 0");
	fails(futex(word, WAIT | REALTIME, 1, 0, NULL, 0), ENOSYS,
	      "a time from now has no clock");
	fails(futex(word, WAKE | REALTIME, 1, 0, NULL, 0), ENOSYS,
	      "nor has a wake-up");
	fails(futex(word, LOCK_PI | REALTIME, 1, 0, NULL, 0), ENOSYS,
	      "nor a lock whose clock is known");
	fails(futex(word, REQUEUE | REALTIME, 1, 0, other, 0), ENOSYS,
	      "nor a move");
}

static void alignment(void)
{
	static const struct {
		int op;
		const char *what;
	} ops[] = {
		{WAIT, "unaligned: wait"},
		{WAKE, "unaligned: wake"},
		{REQUEUE, "unaligned: move"},
		{CMP_REQUEUE, "unaligned: move if"},
		{WAKE_OP, "unaligned: wake and change"},
		{LOCK_PI, "unaligned: lock"},
		{LOCK_PI2, "unaligned: lock by a clock"},
		{TRYLOCK_PI, "unaligned: try to lock"},
		{WAIT_BITSET, "unaligned: wait for bits"},
		{WAKE_BITSET, "unaligned: wake bits"},
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		fails(futex(odd, ops[i].op | PRIVATE, 0, 0, other, 1), EINVAL,
		      ops[i].what);
	fails(futex(word, REQUEUE, 0, 0, odd, 0), EINVAL, "the second word");
	fails(futex(word, WAKE_OP, 0, 0, odd, 0), EINVAL, "the changed word");
}

static void addresses(void)
{
	fails(futex(NULL, WAIT, 0, 0, NULL, 0), EFAULT, "wait at NULL");
	fails(futex(NULL, WAIT | PRIVATE, 0, 0, NULL, 0), EFAULT,
	      "wait at NULL, private");
	fails(futex(NULL, WAKE, 1, 0, NULL, 0), EFAULT, "wake at NULL");
	fails(futex(NULL, LOCK_PI | PRIVATE, 0, 0, NULL, 0), EFAULT,
	      "lock NULL");
	fails(futex(NULL, UNLOCK_PI | PRIVATE, 0, 0, NULL, 0), EFAULT,
	      "unlock NULL");
	fails(futex(NULL, CMP_REQUEUE | PRIVATE, 1, 1, other, 0), EFAULT,
	      "move from NULL");
	fails(futex(word, WAKE_OP | PRIVATE, 1, 1, NULL, 0), EFAULT,
	      "change NULL");
	fails(futex(high, WAIT | PRIVATE, 0, 0, NULL, 0), EFAULT,
	      "wait at the kernel's");
	fails(futex(high, WAKE | PRIVATE, 0, 0, NULL, 0), EFAULT,
	      "wake at the kernel's");
	fails(futex(word, REQUEUE | PRIVATE, 1, 1, high, 0), EFAULT,
	      "move to the kernel's");
}

static void numbers(void)
{
	fails(futex(word, WAIT_BITSET, 0, 0, NULL, 0), EINVAL, "wait: no bits");
	fails(futex(word, WAKE_BITSET, 1, 0, NULL, 0), EINVAL, "wake: no bits");
	fails(futex(word, REQUEUE, -1, 1, other, 0), EINVAL,
	      "less than none to wake");
	fails(futex(word, CMP_REQUEUE, 1, -1, other, 0), EINVAL,
	      "less than none to move");
	fails(futex(word, CMP_REQUEUE, 1, 1, other, 1), EAGAIN,
	      "another value, and nobody waits");
	fails(futex(word, WAIT, 1, 0, NULL, 0), EAGAIN, "another value");
	ok(futex(word, WAKE, -1, 0, NULL, 0) == 0, "a count without end");
}

static void times(void)
{
	struct timespec bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}};
	struct timespec past = {0, 1};
	int ops[] = {WAIT, WAIT_BITSET, LOCK_PI, LOCK_PI2};

	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 4; j++)
			fails(futex(word, ops[j], 0, (long)&bad[i], NULL, 1),
			      EINVAL, "a time that is none");
	fails(futex(word, WAIT_BITSET, 0, (long)&past, NULL, 1), ETIMEDOUT,
	      "a deadline that is past");
	fails(futex(word, WAIT_BITSET, 1, (long)&past, NULL, 1), EAGAIN,
	      "another value comes first");
}

static uint32_t *new_page(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ok(page != MAP_FAILED, "a page");
	return page;
}

/* Words in pages that nobody has touched. */
static void pages(void)
{
	struct timespec past = {0, 1};

	fails(futex(new_page(), WAIT | PRIVATE, 1, 0, NULL, 0), EAGAIN,
	      "another value in a new page");
	fails(futex(new_page(), WAIT_BITSET | PRIVATE, 0, (long)&past, NULL, 1),
	      ETIMEDOUT, "a wait in a new page");
}

int main(void)
{
	operations();
	alignment();
	addresses();
	numbers();
	times();
	pages();
	return done();
}

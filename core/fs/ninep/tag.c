// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which tags are used. Who finds none waits; a wake-up that came meanwhile may
 * have been meant for what the thread does around this, and is left to it.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"

static bool take_tag(struct eft_ninep *fs, unsigned *ret_tag)
{
	uint32_t left;

	eft_lock(&fs->client.lock);
	left = ~fs->tags & ((1u << EFT_NINEP_TAGS) - 1);
	fs->tags |= left & -left;
	eft_unlock(&fs->client.lock);
	if (left == 0)
		return false;
	*ret_tag = (unsigned)__builtin_ctz(left);
	return true;
}

unsigned eft_ninep_tag_take(struct eft_ninep *fs)
{
	struct eft_waiter waiter = {0};
	bool slept = false;
	unsigned tag = 0;

	if (take_tag(fs, &tag))
		return tag;
	eft_wait_begin(&waiter, &fs->client.room);
	while (!take_tag(fs, &tag)) {
		eft_sleep_through();
		slept = true;
	}
	eft_wait_end(&waiter);
	if (slept)
		eft_thread_wake(eft_current());
	return tag;
}

void eft_ninep_tag_give(struct eft_ninep *fs, unsigned tag)
{
	eft_lock(&fs->client.lock);
	eft_assert((fs->tags & 1u << tag) != 0);
	fs->tags &= ~(1u << tag);
	eft_unlock(&fs->client.lock);
	eft_waitq_wake(&fs->client.room, EFT_WAKE_ALL);
}

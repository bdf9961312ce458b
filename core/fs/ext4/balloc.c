// SPDX-License-Identifier: BSD-3-Clause
/*
 * Blocks: taken, used, freed.
 *
 * HOW    A block is free if its bit says so and it is not held. Held is what
 *        write-back has taken and not yet put into a file, and what was freed
 *        by a transaction that is not committed: after a crash the old file
 *        still has it.
 *        Whoever wants blocks scans the bitmap of the goal's group from the
 *        goal on, then others, for a run that is long enough.
 * LOCKS  fs->changes, for all of it but the reservations, which are atomic.
 */
#include "core/fs/ext4/meta.h"
#include "core/process.h"

/* A promised block is counted with its part of an extent's leaf. */
enum { RESERVE_UNIT = 32, RESERVE_COST = RESERVE_UNIT + 1, RESERVE_SPARE = 16 };

/* Groups that are looked at for a longer run, when there is a short one. */
enum { GROUPS_TRIED = 8 };

struct held {
	struct eft_treap_node node; /* key: first */
	uint32_t count;
};

struct eft_ext4_freed {
	struct held held;
	struct eft_ext4_hook hook;
	struct eft_ext4 *fs;
	bool metadata;
};

static struct held *held_of(struct eft_treap_node *node)
{
	return node != NULL ? eft_container_of(node, struct held, node) : NULL;
}

static uint64_t held_end(const struct held *held)
{
	return held->node.key + held->count;
}

/* The held run that (block) is in, or the next one; NULL: none. */
static struct held *held_at_or_after(const struct eft_ext4 *fs, uint64_t block)
{
	struct held *held = held_of(eft_treap_at_or_before(&fs->held, block));

	if (held != NULL && block < held_end(held))
		return held;
	return held_of(eft_treap_at_or_after(&fs->held, block));
}

static uint32_t group_of(const struct eft_ext4 *fs, uint64_t block)
{
	return (uint32_t)((block - fs->first_data_block) /
			  fs->blocks_per_group);
}

static uint64_t group_first(const struct eft_ext4 *fs, uint32_t group)
{
	return fs->first_data_block + (uint64_t)group * fs->blocks_per_group;
}

bool eft_ext4_blocks_are_data(const struct eft_ext4 *fs, uint64_t first,
			      uint64_t count)
{
	return count > 0 && first >= fs->first_data_block &&
	       first < fs->blocks && count <= fs->blocks - first &&
	       !eft_ext4_is_group_metadata(fs, first, count);
}

int eft_ext4_reserve(struct eft_ext4 *fs, uint64_t count)
{
	uint64_t before = __atomic_load_n(&fs->reserved, __ATOMIC_RELAXED);
	uint64_t free, kept = RESERVE_SPARE;

	if (eft_process()->identity.euid != 0)
		kept += fs->reserved_blocks;
	do {
		free = __atomic_load_n(&fs->free_blocks, __ATOMIC_RELAXED);
		free = free > kept ? (free - kept) * RESERVE_UNIT : 0;
		if (before > free || count > (free - before) / RESERVE_COST)
			return -ENOSPC;
	} while (!__atomic_compare_exchange_n(
		&fs->reserved, &before, before + count * RESERVE_COST, true,
		__ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return 0;
}

void eft_ext4_unreserve(struct eft_ext4 *fs, uint64_t count)
{
	uint64_t before = __atomic_fetch_sub(
		&fs->reserved, count * RESERVE_COST, __ATOMIC_RELAXED);

	eft_assert(before >= count * RESERVE_COST);
}

/* Is there one more, beside what is promised? */
static bool may_alloc(const struct eft_ext4_op *op)
{
	const struct eft_ext4 *fs = op->fs;
	uint64_t free = __atomic_load_n(&fs->free_blocks, __ATOMIC_RELAXED) +
			(uint64_t)op->blocks;
	uint64_t kept = 0;

	if (!op->promised) {
		kept = (__atomic_load_n(&fs->reserved, __ATOMIC_RELAXED) +
			RESERVE_UNIT - 1) /
		       RESERVE_UNIT;
		if (eft_process()->identity.euid != 0)
			kept += fs->reserved_blocks;
	}
	return free > kept;
}

struct run {
	uint32_t first, count; /* in a group */
};

/* The free run that starts at (at), of (want) at most. */
static uint32_t run_length(const struct eft_ext4 *fs, uint32_t group,
			   const uint8_t *bits, uint32_t at, uint32_t want)
{
	uint64_t first = group_first(fs, group);
	struct held *next = held_at_or_after(fs, first + at);
	uint32_t end = (uint32_t)eft_min(at + (uint64_t)want,
					 eft_ext4_group_blocks(fs, group));
	uint32_t stop = at;

	if (next != NULL && next->node.key < first + end)
		end = (uint32_t)(eft_max(next->node.key, first + at) - first);
	while (stop < end && !eft_ext4_bit(bits, stop))
		stop++;
	return stop - at;
}

/* The next bit from (at) on that may be free. */
static uint32_t skip_used(const struct eft_ext4 *fs, uint32_t group,
			  const uint8_t *bits, uint32_t at)
{
	uint64_t first = group_first(fs, group);
	struct held *held;

	while (at < fs->blocks_per_group && eft_ext4_bit(bits, at))
		at += eft_ext4_used_from(bits, at);
	held = held_at_or_after(fs, first + at);
	if (held != NULL && held->node.key <= first + at)
		at = (uint32_t)eft_min(held_end(held) - first, UINT32_MAX);
	return at;
}

/* The longest free run from (start) on, of (want) at most: the first of them. */
static struct run find_in_bits(const struct eft_ext4 *fs, uint32_t group,
			       const uint8_t *bits, uint32_t start,
			       uint32_t want)
{
	uint32_t end = eft_ext4_group_blocks(fs, group);
	struct run best = {0, 0};

	for (uint32_t at = start; at < end && best.count < want;) {
		uint32_t len = run_length(fs, group, bits, at, want);

		if (len > best.count)
			best = (struct run){at, len};
		at = len > 0 ? at + len : skip_used(fs, group, bits, at);
	}
	return best;
}

static int find_in_group(struct eft_ext4 *fs, uint32_t group, uint32_t start,
			 uint32_t want, struct run *ret_run)
{
	struct eft_ext4_buffer *buffer;
	int error;

	*ret_run = (struct run){0, 0};
	if (eft_ext4_free_blocks_in(fs, group) == 0)
		return 0;
	error = eft_ext4_bitmap(fs, group, EFT_EXT4_BLOCK_BITMAP, &buffer);
	if (error != 0)
		return error;
	*ret_run = find_in_bits(fs, group, buffer->data, start, want);
	if (ret_run->count == 0 && start > 0)
		*ret_run = find_in_bits(fs, group, buffer->data, 0, want);
	eft_ext4_buffer_put(buffer);
	return 0;
}

/* A free run near (goal). */
static int find(struct eft_ext4 *fs, uint64_t goal, uint32_t want,
		uint64_t *ret_first, uint32_t *ret_count)
{
	uint32_t start, group, best_group = 0, tried = 0;
	struct run run, best = {0, 0};

	if (goal < fs->first_data_block || goal >= fs->blocks)
		goal = fs->first_data_block;
	group = group_of(fs, goal);
	start = (uint32_t)(goal - group_first(fs, group));
	for (uint32_t i = 0; i < fs->groups; i++, start = 0) {
		int error = find_in_group(fs, group, start, want, &run);

		if (error != 0)
			return error;
		if (run.count > best.count) {
			best = run;
			best_group = group;
		}
		if (best.count == want ||
		    (best.count > 0 && ++tried >= GROUPS_TRIED))
			break;
		group = group + 1 < fs->groups ? group + 1 : 0;
	}
	if (best.count == 0)
		return -ENOSPC;
	*ret_first = group_first(fs, best_group) + best.first;
	*ret_count = best.count;
	if (!eft_ext4_blocks_are_data(fs, *ret_first, *ret_count))
		return eft_ext4_corrupt(fs, "a bitmap has metadata as free");
	return 0;
}

bool eft_ext4_try_again(struct eft_ext4 *fs, int error, unsigned *tries)
{
	return error == -ENOSPC && ++*tries == 1 && fs->held.root != NULL &&
	       eft_ext4_commit(fs) == 0;
}

int eft_ext4_take_blocks(struct eft_ext4 *fs, uint64_t goal, uint32_t want,
			 uint64_t *ret_first, uint32_t *ret_count)
{
	struct held *held = eft_alloc(sizeof(*held));
	uint64_t first;
	unsigned tries = 0;
	int error;

	eft_assert(want > 0);
	if (held == NULL)
		return -ENOMEM;
	do {
		eft_mutex_lock(&fs->changes);
		error = find(fs, goal, want, &first, &held->count);
		if (error == 0)
			eft_treap_insert(&fs->held, &held->node, first);
		eft_mutex_unlock(&fs->changes);
	} while (eft_ext4_try_again(fs, error, &tries));
	if (error != 0) {
		eft_free(held);
		return error;
	}
	*ret_first = first;
	*ret_count = held->count;
	return 0;
}

void eft_ext4_untake_blocks(struct eft_ext4 *fs, uint64_t first, uint32_t count)
{
	struct held *held;

	eft_mutex_lock(&fs->changes);
	held = held_of(eft_treap_at_or_before(&fs->held, first));
	eft_assert(held != NULL && first + count <= held_end(held));
	if (first == held->node.key) {
		eft_treap_remove(&fs->held, &held->node);
		held->count -= count;
		if (held->count > 0)
			eft_treap_insert(&fs->held, &held->node, first + count);
	} else {
		eft_assert(first + count == held_end(held));
		held->count -= count;
	}
	eft_mutex_unlock(&fs->changes);
	if (held->count == 0)
		eft_free(held);
}

static int set_used(struct eft_ext4_op *op, uint64_t first, uint32_t count,
		    bool used)
{
	struct eft_ext4 *fs = op->fs;
	int error = 0;

	while (count > 0 && error == 0) {
		uint32_t group = group_of(fs, first);
		uint32_t at = (uint32_t)(first - group_first(fs, group));
		uint32_t n = (uint32_t)eft_min(
			count, eft_ext4_group_blocks(fs, group) - at);
		struct eft_ext4_buffer *buffer;

		error = eft_ext4_bitmap(fs, group, EFT_EXT4_BLOCK_BITMAP,
					&buffer);
		if (error != 0)
			break;
		error = eft_ext4_bitmap_set(op, group, EFT_EXT4_BLOCK_BITMAP,
					    buffer, at, n, used);
		eft_ext4_buffer_put(buffer);
		first += n;
		count -= n;
	}
	return error;
}

int eft_ext4_use_blocks(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			uint64_t first, uint32_t count)
{
	int error = set_used(op, first, count, true);

	return error == 0 ? eft_ext4_inode_count_blocks(op, inode, count)
			  : error;
}

int eft_ext4_alloc_block(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			 uint64_t goal, uint64_t *ret_block)
{
	uint32_t count;
	int error;

	if (!may_alloc(op))
		return -ENOSPC;
	error = find(op->fs, goal, 1, ret_block, &count);
	return error == 0 ? eft_ext4_use_blocks(op, inode, *ret_block, 1)
			  : error;
}

/* The blocks of a committed transaction may be taken; or it never will be. */
static void freed_committed(struct eft_ext4_hook *hook, int error)
{
	struct eft_ext4_freed *freed =
		eft_container_of(hook, struct eft_ext4_freed, hook);
	struct eft_ext4 *fs = freed->fs;

	eft_mutex_lock(&fs->changes);
	eft_treap_remove(&fs->held, &freed->held.node);
	eft_mutex_unlock(&fs->changes);
	eft_free(freed);
}

void eft_ext4_freed_end(struct eft_ext4_op *op, struct eft_ext4_freed *freed,
			int error)
{
	if (error != 0) {
		eft_treap_remove(&op->fs->held, &freed->held.node);
		eft_free(freed);
		return;
	}
	for (uint32_t i = 0; freed->metadata && i < freed->held.count; i++)
		eft_ext4_revoke(&op->handle, freed->held.node.key + i);
	eft_ext4_on_commit(&op->handle, &freed->hook);
}

int eft_ext4_free_blocks(struct eft_ext4_op *op, struct eft_ext4_inode *inode,
			 uint64_t first, uint32_t count, bool metadata)
{
	struct eft_ext4_freed *freed;
	int error;

	if (!eft_ext4_blocks_are_data(op->fs, first, count))
		return eft_ext4_corrupt(op->fs, "a file has metadata's blocks");
	error = set_used(op, first, count, false);
	if (error == 0)
		error = eft_ext4_inode_count_blocks(op, inode, -(int64_t)count);
	if (error != 0)
		return error;
	freed = eft_alloc(sizeof(*freed));
	if (freed == NULL)
		return -ENOMEM;
	*freed = (struct eft_ext4_freed){
		.held.count = count,
		.hook.committed = freed_committed,
		.fs = op->fs,
		.metadata = metadata,
	};
	error = eft_ext4_op_note_freed(op, freed, metadata ? count : 0);
	if (error != 0) {
		eft_free(freed);
		return error;
	}
	eft_treap_insert(&op->fs->held, &freed->held.node, first);
	return 0;
}

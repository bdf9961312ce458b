// SPDX-License-Identifier: BSD-3-Clause
/*
 * Metadata blocks in memory.
 *
 * HOW    A tree of all, by block. What nobody counts is in a list, the longest
 *        unused first, and goes when there are too many or memory is short.
 *        The journal counts what is not yet in place. A buffer whose contents
 *        are not valid (it could not be read, or was revoked) goes when nobody
 *        counts it.
 * LOCKS  A spin lock. Who reads or clears a buffer has made it busy; others
 *        wait until it is not.
 */
#include "core/abi.h"
#include "core/fs/ext4/journal.h"
#include "core/log.h"
#include "core/mem.h"

enum {
	UNUSED_PART = 16, /* of memory, for buffers that nobody counts */
	UNUSED_MIN = 32,
};

int eft_ext4_buffers_open(struct eft_ext4 *fs)
{
	struct eft_ext4_buffers *all = eft_alloc(sizeof(*all));
	struct eft_page_stats stats;

	if (all == NULL)
		return -ENOMEM;
	eft_page_stats(&stats);
	all->unused_max = eft_max(stats.total / UNUSED_PART, UNUSED_MIN);
	eft_lock_init(&all->lock, EFT_RANK_EXT4_BUFFERS);
	eft_list_init(&all->unused);
	eft_list_init(&all->roomy);
	eft_waitq_init(&all->queue);
	fs->buffers = all;
	return 0;
}

static void destroy_locked(struct eft_ext4_buffer *buffer)
{
	if (buffer->data != NULL)
		eft_ext4_cell_free_locked(buffer->fs, buffer->cells,
					  buffer->data);
	eft_free(buffer);
}

static void forget_locked(struct eft_ext4_buffers *all,
			  struct eft_ext4_buffer *buffer)
{
	eft_assert(buffer->references == 0);
	eft_treap_remove(&all->tree, &buffer->node);
	destroy_locked(buffer);
}

static void forget_oldest_locked(struct eft_ext4_buffers *all)
{
	struct eft_ext4_buffer *buffer = eft_container_of(
		all->unused.next, struct eft_ext4_buffer, link);

	eft_list_remove(&buffer->link);
	all->unused_count--;
	forget_locked(all, buffer);
}

unsigned eft_ext4_buffers_reclaim(struct eft_ext4 *fs, unsigned count)
{
	struct eft_ext4_buffers *all = fs->buffers;
	unsigned forgotten = 0;

	eft_lock(&all->lock);
	for (; forgotten < count && all->unused_count > 0; forgotten++)
		forget_oldest_locked(all);
	eft_unlock(&all->lock);
	return forgotten;
}

void eft_ext4_buffers_close(struct eft_ext4 *fs)
{
	struct eft_ext4_buffers *all = fs->buffers;

	eft_ext4_buffers_reclaim(fs, UINT32_MAX);
	eft_assert(all->tree.root == NULL && eft_list_empty(&all->roomy));
	eft_free(all);
	fs->buffers = NULL;
}

/*
 * With the lock.
 */
struct eft_ext4_buffer *eft_ext4_buffer_find_locked(struct eft_ext4 *fs,
						    uint64_t block)
{
	struct eft_treap_node *node =
		eft_treap_at_or_after(&fs->buffers->tree, block);

	if (node == NULL || node->key != block)
		return NULL;
	return eft_container_of(node, struct eft_ext4_buffer, node);
}

void eft_ext4_buffer_insert_locked(struct eft_ext4 *fs,
				   struct eft_ext4_buffer *buffer,
				   uint64_t block)
{
	eft_treap_insert(&fs->buffers->tree, &buffer->node, block);
}

void eft_ext4_buffer_get_locked(struct eft_ext4_buffer *buffer)
{
	if (buffer->references++ == 0 && buffer->valid) {
		eft_list_remove(&buffer->link);
		buffer->fs->buffers->unused_count--;
	}
}

void eft_ext4_buffer_put_locked(struct eft_ext4_buffer *buffer)
{
	struct eft_ext4_buffers *all = buffer->fs->buffers;

	eft_assert(buffer->references > 0);
	if (--buffer->references > 0)
		return;
	if (!buffer->valid) {
		forget_locked(all, buffer);
		return;
	}
	eft_list_insert(&all->unused, &buffer->link);
	if (++all->unused_count > all->unused_max)
		forget_oldest_locked(all);
}

void eft_ext4_buffer_put(struct eft_ext4_buffer *buffer)
{
	struct eft_ext4_buffers *all;

	if (buffer == NULL)
		return;
	all = buffer->fs->buffers;
	eft_lock(&all->lock);
	eft_ext4_buffer_put_locked(buffer);
	eft_unlock(&all->lock);
}

bool eft_ext4_buffer_is_shared(struct eft_ext4_buffer *buffer)
{
	struct eft_ext4_buffers *all = buffer->fs->buffers;
	bool shared;

	eft_lock(&all->lock);
	shared = buffer->references >
		 1u + (buffer->transaction != NULL || buffer->logged != NULL);
	eft_unlock(&all->lock);
	return shared;
}

/*
 * Memory.
 */
struct eft_ext4_buffer *eft_ext4_buffer_create(struct eft_ext4 *fs)
{
	struct eft_ext4_buffer *buffer = eft_alloc(sizeof(*buffer));

	while (buffer == NULL && eft_ext4_buffers_reclaim(fs, 1) > 0)
		buffer = eft_alloc(sizeof(*buffer));
	if (buffer != NULL) {
		buffer->fs = fs;
		eft_list_init(&buffer->link);
	}
	return buffer;
}

/* The buffer is busy, and its memory the caller's. */
static bool has_memory(struct eft_ext4_buffer *buffer)
{
	while (buffer->data == NULL) {
		buffer->data = eft_ext4_cell_alloc(buffer->fs, &buffer->cells);
		if (buffer->data == NULL &&
		    eft_ext4_buffers_reclaim(buffer->fs, 1) == 0)
			return false;
	}
	return true;
}

/* The buffer of (block), valid or not, counted; NULL: out of memory. */
static struct eft_ext4_buffer *get(struct eft_ext4 *fs, uint64_t block)
{
	struct eft_ext4_buffers *all = fs->buffers;
	struct eft_ext4_buffer *made = NULL, *buffer;

	eft_lock(&all->lock);
	buffer = eft_ext4_buffer_find_locked(fs, block);
	if (buffer == NULL) {
		eft_unlock(&all->lock);
		made = eft_ext4_buffer_create(fs);
		if (made == NULL)
			return NULL;
		eft_lock(&all->lock);
		buffer = eft_ext4_buffer_find_locked(fs, block);
	}
	if (buffer == NULL) { /* and nobody else has made it meanwhile */
		buffer = made;
		made = NULL;
		eft_ext4_buffer_insert_locked(fs, buffer, block);
	}
	eft_ext4_buffer_get_locked(buffer);
	eft_unlock(&all->lock);
	eft_free(made);
	return buffer;
}

/* The same of one that is there, and valid; or NULL. */
static struct eft_ext4_buffer *get_valid(struct eft_ext4 *fs, uint64_t block)
{
	struct eft_ext4_buffer *buffer;

	eft_ext4_lock(fs);
	buffer = eft_ext4_buffer_find_locked(fs, block);
	if (buffer != NULL && buffer->valid && !buffer->busy)
		eft_ext4_buffer_get_locked(buffer);
	else
		buffer = NULL;
	eft_ext4_unlock(fs);
	return buffer;
}

/*
 * Contents.
 */

/* Returns   true: it is busy by the caller; false: it is (valid) already */
static bool make_busy(struct eft_ext4_buffer *buffer, bool even_if_valid)
{
	struct eft_ext4_buffers *all = buffer->fs->buffers;
	struct eft_waiter waiter;
	bool busy, mine;

	eft_wait_begin(&waiter, &all->queue);
	for (;;) {
		eft_lock(&all->lock);
		busy = buffer->busy;
		mine = !busy && (even_if_valid || !buffer->valid);
		if (mine)
			buffer->busy = true;
		eft_unlock(&all->lock);
		if (!busy)
			break;
		eft_sleep_through();
	}
	eft_wait_end(&waiter);
	return mine;
}

static void make_ready(struct eft_ext4_buffer *buffer, bool valid)
{
	struct eft_ext4_buffers *all = buffer->fs->buffers;

	eft_lock(&all->lock);
	buffer->busy = false;
	buffer->valid = valid;
	buffer->checked = 0;
	buffer->unsealed = 0;
	eft_unlock(&all->lock);
	eft_waitq_wake(&all->queue, EFT_WAKE_ALL);
}

static int read_contents(struct eft_ext4_buffer *buffer)
{
	struct eft_ext4 *fs = buffer->fs;

	if (!has_memory(buffer))
		return -ENOMEM;
	return eft_disk_read(fs->disk, buffer->node.key << fs->block_shift,
			     buffer->data, fs->block_bytes);
}

/* (blank): it is zeroes, whatever the disk has. */
static int get_contents(struct eft_ext4_buffer *buffer, bool blank)
{
	if (!blank)
		return read_contents(buffer);
	if (!has_memory(buffer))
		return -ENOMEM;
	memset(buffer->data, 0, buffer->fs->block_bytes);
	return 0;
}

int eft_ext4_buffer_get(struct eft_ext4 *fs, uint64_t block, bool blank,
			struct eft_ext4_buffer **ret_buffer)
{
	struct eft_ext4_buffer *buffer;
	int error = 0;

	if (block >= fs->blocks)
		return -EUCLEAN;
	buffer = get_valid(fs, block);
	if (buffer != NULL) {
		*ret_buffer = buffer;
		return 0;
	}
	buffer = get(fs, block);
	if (buffer == NULL)
		return -ENOMEM;
	if (make_busy(buffer, false)) {
		error = get_contents(buffer, blank);
		make_ready(buffer, error == 0);
	}
	if (error != 0)
		eft_ext4_buffer_put(buffer);
	else
		*ret_buffer = buffer;
	return error;
}

int eft_ext4_buffer_read(struct eft_ext4 *fs, uint64_t block,
			 struct eft_ext4_buffer **ret_buffer)
{
	return eft_ext4_buffer_get(fs, block, false, ret_buffer);
}

int eft_ext4_buffer_zero(struct eft_ext4 *fs, uint64_t block,
			 struct eft_ext4_buffer **ret_buffer)
{
	struct eft_ext4_buffer *buffer;
	bool has;

	if (block >= fs->blocks)
		return -EUCLEAN;
	buffer = get(fs, block);
	if (buffer == NULL)
		return -ENOMEM;
	make_busy(buffer, true);
	has = has_memory(buffer);
	if (has)
		memset(buffer->data, 0, fs->block_bytes);
	make_ready(buffer, has);
	if (!has) {
		eft_ext4_buffer_put(buffer);
		return -ENOMEM;
	}
	*ret_buffer = buffer;
	return 0;
}

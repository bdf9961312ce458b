// SPDX-License-Identifier: BSD-3-Clause
/*
 * Operations: changes of metadata that are made as a whole, or not at all.
 *
 * WHAT   A handle makes what was changed last as a whole. This is the same for
 *        failures: an operation that finds no memory, no room or nonsense on
 *        the disk when it has changed a part already puts that back, so that
 *        whoever changes something need not look ahead.
 * HOW    Each edit notes the bytes that were there. Memory's own knowledge
 *        (counts, lists) is changed when the operation has succeeded.
 * LOCKS  One operation changes metadata at a time, or an undone one might put
 *        back what another has changed since. Lookups go on: they exclude the
 *        changes of what they look at by its own lock.
 * LIMITS A change that has to read its blocks first has other changes wait.
 */
#include "core/fs/ext4/meta.h"

struct note {
	struct note *before;
	enum { NOTE_EDIT, NOTE_FRESH, NOTE_FREED } kind;
	uint8_t checked; /* as it was, of (buffer) */
	uint32_t offset, len;
	union {
		struct eft_ext4_buffer *buffer;
		uint64_t block;
		struct eft_ext4_freed *freed;
	};
	uint8_t bytes[]; /* (len), as they were */
};

/* Notes in one block of the heap. */
struct eft_ext4_notes {
	struct eft_ext4_notes *before;
	struct note *last;
	size_t used, size;
	_Alignas(16) uint8_t space[];
};

enum {
	NOTES_BYTES = EFT_PAGE_SIZE - sizeof(struct eft_ext4_notes),
	NOTES_ASKED = 16, /* whether they have the same bytes */
};

/* Empty ones, with room for (need) bytes. */
static struct eft_ext4_notes *get_notes(struct eft_ext4 *fs, size_t need)
{
	struct eft_ext4_notes *notes = fs->notes;

	if (notes != NULL && need <= NOTES_BYTES) {
		fs->notes = NULL;
	} else {
		size_t size = eft_max(need, NOTES_BYTES);

		notes = eft_alloc(sizeof(*notes) + size);
		if (notes == NULL)
			return NULL;
		notes->size = size;
	}
	notes->used = 0;
	notes->last = NULL;
	return notes;
}

/* The next operation begins with them. */
static void put_notes(struct eft_ext4 *fs, struct eft_ext4_notes *notes)
{
	if (fs->notes == NULL && notes->size == NOTES_BYTES)
		fs->notes = notes;
	else
		eft_free(notes);
}

static struct note *add_note(struct eft_ext4_op *op, int kind, size_t len)
{
	size_t need = eft_align_up(sizeof(struct note) + len, 16);
	struct eft_ext4_notes *notes = op->notes;
	struct note *note;

	if (notes == NULL || notes->size - notes->used < need) {
		notes = get_notes(op->fs, need);
		if (notes == NULL)
			return NULL;
		notes->before = op->notes;
		op->notes = notes;
	}
	note = (struct note *)(notes->space + notes->used);
	notes->used += need;
	note->before = notes->last;
	note->kind = kind;
	note->len = (uint32_t)len;
	notes->last = note;
	return note;
}

/*
 * May one more buffer be changed? Only on a disk that contradicts itself, as by
 * trees that are deeper than they can be, an operation changes too many.
 */
static bool may_change(struct eft_ext4_op *op,
		       const struct eft_ext4_buffer *buffer)
{
	if (eft_ext4_op_left(op) > 0 ||
	    buffer->transaction == op->handle.transaction)
		return true;
	eft_ext4_abort(op->fs, "an operation is too large");
	return false;
}

/* Have these bytes been noted already? If so they were older ones. */
static bool is_noted(const struct eft_ext4_op *op,
		     const struct eft_ext4_buffer *buffer, size_t offset,
		     size_t len)
{
	const struct note *note = op->notes != NULL ? op->notes->last : NULL;

	for (unsigned i = 0; i < NOTES_ASKED && note != NULL; i++) {
		if (note->kind == NOTE_EDIT && note->buffer == buffer &&
		    note->offset <= offset &&
		    offset + len <= (size_t)note->offset + note->len)
			return true;
		note = note->before;
	}
	return false;
}

void *eft_ext4_edit(struct eft_ext4_op *op, struct eft_ext4_buffer *buffer,
		    size_t offset, size_t len)
{
	struct note *note;

	eft_assert(offset + len <= op->fs->block_bytes);
	if (is_noted(op, buffer, offset, len))
		return buffer->data + offset;
	if (!may_change(op, buffer))
		return NULL;
	note = add_note(op, NOTE_EDIT, len);
	if (note == NULL)
		return NULL;
	note->buffer = buffer;
	note->checked = buffer->checked;
	note->offset = (uint32_t)offset;
	memcpy(note->bytes, buffer->data + offset, len);
	eft_ext4_change(&op->handle, buffer);
	return buffer->data + offset;
}

int eft_ext4_set_checked(struct eft_ext4_buffer *buffer,
			 enum eft_ext4_kind kind)
{
	if (buffer->checked != EFT_EXT4_UNCHECKED &&
	    eft_ext4_buffer_is_shared(buffer))
		return eft_ext4_corrupt(buffer->fs, "a block is two things");
	buffer->checked = (uint8_t)kind;
	return 0;
}

int eft_ext4_fresh(struct eft_ext4_op *op, uint64_t block,
		   struct eft_ext4_buffer **ret_buffer)
{
	struct note *note;
	int error = eft_ext4_buffer_zero(op->fs, block, ret_buffer);

	if (error != 0)
		return error;
	if (eft_ext4_buffer_is_shared(*ret_buffer))
		error = eft_ext4_corrupt(op->fs, "a block in use was free");
	else if (!may_change(op, *ret_buffer))
		error = -EUCLEAN;
	note = error == 0 ? add_note(op, NOTE_FRESH, 0) : NULL;
	if (note == NULL) {
		eft_ext4_buffer_put(*ret_buffer);
		return error != 0 ? error : -ENOMEM;
	}
	note->block = block;
	eft_ext4_change(&op->handle, *ret_buffer);
	return 0;
}

int eft_ext4_op_note_freed(struct eft_ext4_op *op, struct eft_ext4_freed *freed,
			   unsigned revoked)
{
	struct note *note;

	if (revoked > eft_ext4_op_left(op))
		return eft_ext4_corrupt(op->fs, "an operation is too large");
	note = add_note(op, NOTE_FREED, 0);
	if (note == NULL)
		return -ENOMEM;
	note->freed = freed;
	op->revokes += revoked;
	return 0;
}

int eft_ext4_op_begin(struct eft_ext4 *fs, unsigned blocks,
		      struct eft_ext4_op *op)
{
	int error;

	*op = (struct eft_ext4_op){.fs = fs};
	error = eft_ext4_begin(fs, blocks, &op->handle);
	if (error != 0)
		return error;
	eft_mutex_lock(&fs->changes);
	if (!fs->ended)
		return 0;
	eft_mutex_unlock(&fs->changes);
	eft_ext4_end(&op->handle);
	return -EROFS;
}

/* Its checksum is worked out when it is committed, now of these bytes. */
static void put_back(struct note *note)
{
	memcpy(note->buffer->data + note->offset, note->bytes, note->len);
	note->buffer->checked = note->checked;
}

static void end_note(struct eft_ext4_op *op, struct note *note, int error)
{
	switch (note->kind) {
	case NOTE_EDIT:
		if (error != 0)
			put_back(note);
		break;
	case NOTE_FRESH: /* or it would be written where others put data */
		if (error != 0)
			eft_ext4_revoke(&op->handle, note->block);
		break;
	case NOTE_FREED:
		eft_ext4_freed_end(op, note->freed, error);
		break;
	}
}

/* What memory knows beside the buffers. */
static void apply(struct eft_ext4_op *op)
{
	struct eft_ext4 *fs = op->fs;

	__atomic_fetch_add(&fs->free_blocks, (uint64_t)op->blocks,
			   __ATOMIC_RELAXED);
	__atomic_fetch_add(&fs->free_inodes, (uint32_t)op->inodes,
			   __ATOMIC_RELAXED);
	if (op->orphan_removed != NULL)
		eft_list_remove(&op->orphan_removed->orphan);
	if (op->orphan_added != NULL)
		eft_list_insert(fs->orphans.next, &op->orphan_added->orphan);
}

int eft_ext4_op_end(struct eft_ext4_op *op, int error)
{
	struct eft_ext4_notes *notes;

	/* The last change is undone first: bytes may have changed twice. */
	while ((notes = op->notes) != NULL) {
		struct note *note = notes->last;

		for (; note != NULL; note = note->before)
			end_note(op, note, error);
		op->notes = notes->before;
		put_notes(op->fs, notes);
	}
	if (error == 0)
		apply(op);
	eft_mutex_unlock(&op->fs->changes);
	eft_ext4_end(&op->handle);
	if (error == 0)
		eft_flusher_wake(); /* it commits in a while */
	return error;
}

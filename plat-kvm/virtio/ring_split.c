// SPDX-License-Identifier: BSD-3-Clause
/*
 * Split rings (VIRTIO 1.2 §2.7): descriptors in any order, a ring of those that
 * are available, and one of those that were used.
 */
#include "plat-kvm/virtio/ring_format.h"

enum { AVAIL_NO_INTERRUPT = 1, USED_NO_NOTIFY = 1 }; /* §2.7.6, §2.7.8 */

static uint16_t *used_event(const struct eft_virtq *q)
{
	return &q->avail->ring[q->size];
}

static const uint16_t *avail_event(const struct eft_virtq *q)
{
	return (const uint16_t *)&q->used->ring[q->size];
}

static void set_desc(struct eft_virtq_desc *desc,
		     const struct eft_virtq_part *part, bool writable)
{
	desc->addr = part->phys;
	desc->len = part->len;
	desc->flags = writable ? EFT_VIRTQ_WRITE : 0;
}

/* In a table of its own (§2.7.5.3), of which (head) tells. */
static void fill_table(struct eft_virtq *q, unsigned head,
		       const struct eft_virtq_parts *parts)
{
	size_t offset = eft_virtq_table_offset(q, head);
	struct eft_virtq_desc *desc = (void *)((char *)q->indirect + offset);
	const struct eft_virtq_part table = {q->indirect_phys + offset,
					     parts->count * sizeof(*desc)};

	for (unsigned i = 0; i < parts->count; i++) {
		set_desc(&desc[i], &parts->part[i], i >= parts->out);
		if (i + 1 < parts->count) {
			desc[i].flags |= EFT_VIRTQ_NEXT;
			desc[i].next = i + 1;
		}
	}
	set_desc(&q->desc[head], &table, false);
	q->desc[head].flags = EFT_VIRTQ_INDIRECT;
}

/* In a chain of descriptors, each of which names the next free one. */
static void fill_chain(struct eft_virtq *q, unsigned head,
		       const struct eft_virtq_parts *parts)
{
	unsigned at = head;

	for (unsigned i = 0; i < parts->count; i++) {
		set_desc(&q->desc[at], &parts->part[i], i >= parts->out);
		if (i + 1 < parts->count) {
			q->desc[at].flags |= EFT_VIRTQ_NEXT;
			q->desc[at].next = q->slot[at].next;
		}
		at = q->slot[at].next;
	}
}

static void write(struct eft_virtq *q, unsigned id,
		  const struct eft_virtq_parts *parts, bool table)
{
	if (table)
		fill_table(q, id, parts);
	else
		fill_chain(q, id, parts);
	q->avail->ring[q->added & (q->size - 1)] = id;
}

/* §2.7.10: has (event) been passed on the way from (old) to (now)? */
static bool passed(uint16_t event, uint16_t old, uint16_t now)
{
	return (uint16_t)(now - event - 1) < (uint16_t)(now - old);
}

static bool publish(struct eft_virtq *q)
{
	uint16_t old = q->published;

	eft_virtq_store(&q->avail->idx, q->added);
	q->published = q->added;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (q->event_idx)
		return passed(eft_virtq_load(avail_event(q)), old, q->added);
	return !(eft_virtq_load(&q->used->flags) & USED_NO_NOTIFY);
}

static bool look(struct eft_virtq *q, uint32_t *ret_id, uint32_t *ret_len)
{
	uint16_t used = eft_virtq_load(&q->used->idx) - q->taken;
	const struct eft_virtq_used_elem *elem =
		&q->used->ring[q->taken & (q->size - 1)];

	if (used > (uint16_t)(q->published - q->taken))
		q->fault = "it used more than it was lent";
	*ret_id = __atomic_load_n(&elem->id, __ATOMIC_RELAXED);
	*ret_len = __atomic_load_n(&elem->len, __ATOMIC_RELAXED);
	return used > 0;
}

/* An event just behind (taken) is passed only when the index wraps around. */
static void listen(struct eft_virtq *q, bool on)
{
	if (q->event_idx)
		eft_virtq_store(used_event(q), on ? q->taken : q->taken - 1);
	else
		eft_virtq_store(&q->avail->flags, on ? 0 : AVAIL_NO_INTERRUPT);
}

const struct eft_virtq_format eft_virtq_split = {
	.chain_of_slots = true,
	.write = write,
	.publish = publish,
	.look = look,
	.listen = listen,
};

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Packed rings (VIRTIO 1.2 §2.8): one ring, into which the driver writes what is
 * available and the device, in the same places, what it has used.
 *
 * HOW	Positions are counted on and on. How often the ring was gone around, and
 *	so the wrap counter (§2.8.1), is what is above the place in the ring: 1
 *	in the first turn, 0 in the second, and so on.
 *
 *	The device looks at one descriptor after the other. So the flags of the
 *	first that it was not told of are kept back, and all behind it are there
 *	when they are written.
 */
#include "plat-kvm/virtio/ring_format.h"

enum { AVAIL = 1 << 7, USED = 1 << 15 };		      /* §2.8.1 */
enum { EVENT_ENABLE = 0, EVENT_DISABLE = 1, EVENT_DESC = 2 }; /* §2.8.14 */
enum { EVENT_WRAP = 1 << 15, EVENT_FLAGS = 3 };

static bool wrap(const struct eft_virtq *q, uint16_t position)
{
	return !(position & q->size);
}

static struct eft_virtq_packed_desc *desc_at(const struct eft_virtq *q,
					     uint16_t position)
{
	return &q->packed[position & (q->size - 1)];
}

static uint16_t available(const struct eft_virtq *q, uint16_t position)
{
	return wrap(q, position) ? AVAIL : USED;
}

static void set_desc(struct eft_virtq_packed_desc *desc,
		     const struct eft_virtq_part *part, unsigned id)
{
	desc->addr = part->phys;
	desc->len = part->len;
	desc->id = id;
}

/* The device may see it as soon as it sees the one before. */
static void show(struct eft_virtq *q, uint16_t position, uint16_t flags)
{
	flags |= available(q, position);
	if (position == q->published)
		q->hidden_flags = flags;
	else
		eft_virtq_store(&desc_at(q, position)->flags, flags);
}

/* In a table of its own, whose entries have no order but their own (§2.8.7). */
static void write_table(struct eft_virtq *q, unsigned id,
			const struct eft_virtq_parts *parts)
{
	size_t offset = eft_virtq_table_offset(q, id);
	struct eft_virtq_packed_desc *desc =
		(void *)((char *)q->indirect + offset);
	const struct eft_virtq_part table = {q->indirect_phys + offset,
					     parts->count * sizeof(*desc)};

	for (unsigned i = 0; i < parts->count; i++) {
		set_desc(&desc[i], &parts->part[i], 0);
		desc[i].flags = i >= parts->out ? EFT_VIRTQ_WRITE : 0;
	}
	set_desc(desc_at(q, q->added), &table, id);
	show(q, q->added, EFT_VIRTQ_INDIRECT);
}

/* In descriptors behind each other; the first is shown last (§2.8.6). */
static void write_chain(struct eft_virtq *q, unsigned id,
			const struct eft_virtq_parts *parts)
{
	for (unsigned i = parts->count; i-- > 0;) {
		uint16_t flags = i >= parts->out ? EFT_VIRTQ_WRITE : 0;

		if (i + 1 < parts->count)
			flags |= EFT_VIRTQ_NEXT;
		set_desc(desc_at(q, q->added + i), &parts->part[i], id);
		show(q, q->added + i, flags);
	}
}

static void write(struct eft_virtq *q, unsigned id,
		  const struct eft_virtq_parts *parts, bool table)
{
	if (table)
		write_table(q, id, parts);
	else
		write_chain(q, id, parts);
}

/* §2.8.10: is the position that (event) names among those from (old) on? */
static bool reached(const struct eft_virtq *q, uint16_t event, uint16_t old)
{
	uint16_t named = event & ~EVENT_WRAP;
	uint16_t two_turns = 2 * q->size - 1;

	if (!(event & EVENT_WRAP))
		named += q->size;
	return ((named - old) & two_turns) < (uint16_t)(q->added - old);
}

/* The flags are read before the offset, which they may say is to be heeded. */
static bool publish(struct eft_virtq *q)
{
	uint16_t old = q->published, how;

	eft_virtq_store(&desc_at(q, old)->flags, q->hidden_flags);
	q->published = q->added;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	how = eft_virtq_load(&q->device_event->flags) & EVENT_FLAGS;
	if (how == EVENT_DESC && q->event_idx)
		return reached(q, eft_virtq_load(&q->device_event->offset),
			       old);
	return how != EVENT_DISABLE;
}

/*
 * Both bits are as the wrap counter when it was used (§2.8.1). The length has a
 * meaning with WRITE only (§2.8.4); but QEMU's devices never set that.
 */
static bool look(struct eft_virtq *q, uint32_t *ret_id, uint32_t *ret_len)
{
	const struct eft_virtq_packed_desc *desc = desc_at(q, q->taken);
	uint16_t flags = eft_virtq_load(&desc->flags);
	uint16_t id = __atomic_load_n(&desc->id, __ATOMIC_RELAXED);
	uint32_t len = __atomic_load_n(&desc->len, __ATOMIC_RELAXED);
	uint16_t mask = AVAIL | USED;

	if (!(flags & EFT_VIRTQ_WRITE) && id < q->size &&
	    len > q->slot[id].writable)
		len = 0;
	*ret_id = id;
	*ret_len = len;
	return (flags & mask) == (wrap(q, q->taken) ? mask : 0);
}

static void listen(struct eft_virtq *q, bool on)
{
	struct eft_virtq_event *event = q->driver_event;
	uint16_t flags = on ? EVENT_ENABLE : EVENT_DISABLE;

	if (on && q->event_idx) {
		eft_virtq_store(&event->offset,
				(q->taken & (q->size - 1)) |
					(wrap(q, q->taken) ? EVENT_WRAP : 0));
		flags = EVENT_DESC;
	}
	eft_virtq_store(&event->flags, flags);
}

const struct eft_virtq_format eft_virtq_packed = {
	.write = write,
	.publish = publish,
	.look = look,
	.listen = listen,
};

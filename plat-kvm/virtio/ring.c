// SPDX-License-Identifier: BSD-3-Clause
/*
 * HOW	Free slots are a list in (slot), which the device does not see: it
 *	may change the descriptors as it likes, and only hurts itself. A packed
 *	ring's areas are laid out as a split one's, which are larger.
 *
 * ORDER  A request is written before the device may see it, and that before the
 *	look at whether the device wants to be told (§2.7.13.3.1, §2.8.21.3.1);
 *	what says that it used one is read before what it says of that.
 *	The processor keeps all but the second itself.
 */
#include "core/abi.h"
#include "core/log.h"
#include "plat-kvm/virtio/ring_format.h"

enum { USED_ALIGN = 4, INDIRECT_ALIGN = 16 };

_Static_assert(sizeof(struct eft_virtq_packed_desc) ==
		       sizeof(struct eft_virtq_desc),
	       "§2.8.13");

static size_t avail_offset(unsigned size)
{
	return size * sizeof(struct eft_virtq_desc);
}

static size_t used_offset(unsigned size)
{
	return eft_align_up(avail_offset(size) +
				    sizeof(struct eft_virtq_avail) +
				    (size + 1) * sizeof(uint16_t),
			    USED_ALIGN);
}

static size_t indirect_offset(unsigned size)
{
	return eft_align_up(used_offset(size) + sizeof(struct eft_virtq_used) +
				    size * sizeof(struct eft_virtq_used_elem) +
				    sizeof(uint16_t),
			    INDIRECT_ALIGN);
}

size_t eft_virtq_bytes(unsigned size, unsigned parts_max)
{
	return indirect_offset(size) +
	       (size_t)size * parts_max * sizeof(struct eft_virtq_desc);
}

void eft_virtq_init(struct eft_virtq *q, unsigned size, unsigned parts_max,
		    uint64_t features, void *memory, uint64_t phys,
		    struct eft_virtq_slot *slot)
{
	char *at = memory;

	eft_assert(size > 0 && size <= EFT_VIRTQ_SIZE_MAX);
	eft_assert((size & (size - 1)) == 0);
	eft_assert(parts_max > 0 && phys % EFT_PAGE_SIZE == 0);
	*q = (struct eft_virtq){
		.desc = memory,
		.avail = (void *)(at + avail_offset(size)),
		.used = (void *)(at + used_offset(size)),
		.desc_phys = phys,
		.avail_phys = phys + avail_offset(size),
		.used_phys = phys + used_offset(size),
		.slot = slot,
		.size = size,
		.parts_max = parts_max,
		.free_count = size,
		.event_idx = eft_virtio_has(features, EFT_VIRTIO_EVENT_IDX),
		.format = eft_virtio_has(features, EFT_VIRTIO_RING_PACKED)
				  ? &eft_virtq_packed
				  : &eft_virtq_split,
	};
	if (eft_virtio_has(features, EFT_VIRTIO_INDIRECT)) {
		q->indirect = at + indirect_offset(size);
		q->indirect_phys = phys + indirect_offset(size);
	} else {
		eft_assert(parts_max <= size);
	}
	for (unsigned i = 0; i < size; i++)
		slot[i] = (struct eft_virtq_slot){.next = i + 1};
}

/* How many slots a request of (count) descriptors takes. */
static unsigned slots_of(const struct eft_virtq *q, unsigned count)
{
	return q->format->chain_of_slots ? count : 1;
}

/* As how many it is added, published and taken. */
static unsigned steps_of(const struct eft_virtq *q, unsigned count)
{
	return q->format->chain_of_slots ? 1 : count;
}

/* Off the list of free ones. */
static void take_slots(struct eft_virtq *q, unsigned count)
{
	q->free_count -= count;
	q->slot[q->free].count = count;
	for (unsigned i = slots_of(q, count); i > 0; i--)
		q->free = q->slot[q->free].next;
}

static void give_slots(struct eft_virtq *q, unsigned head)
{
	struct eft_virtq_slot *last = &q->slot[head];
	unsigned slots = slots_of(q, last->count);

	last->cookie = NULL;
	q->free_count += last->count;
	while (--slots > 0)
		last = &q->slot[last->next];
	last->next = q->free;
	q->free = head;
}

int eft_virtq_add(struct eft_virtq *q, const struct eft_virtq_part *parts,
		  unsigned out, unsigned in, void *cookie)
{
	const struct eft_virtq_parts all = {parts, out, out + in};
	bool table = q->indirect && all.count > 1;
	unsigned count = table ? 1 : all.count, head = q->free;
	uint64_t writable = 0;

	eft_assert(cookie != NULL && all.count > 0 &&
		   all.count <= q->parts_max);
	if (q->fault)
		return -EIO;
	if (q->free_count < count)
		return -ENOSPC;
	for (unsigned i = 0; i < all.count; i++) {
		eft_assert(parts[i].len > 0);
		writable += i >= out ? parts[i].len : 0;
	}
	eft_assert(writable <= UINT32_MAX);
	q->format->write(q, head, &all, table);
	take_slots(q, count);
	q->slot[head].cookie = cookie;
	q->slot[head].writable = writable;
	q->added += steps_of(q, count);
	return 0;
}

bool eft_virtq_publish(struct eft_virtq *q)
{
	return !q->fault && q->published != q->added &&
	       (q->format->publish(q) || q->tells_all);
}

/* What is wrong in what the device says of the next; NULL: nothing. */
static const char *lie_in(const struct eft_virtq *q, uint32_t id, uint32_t len)
{
	uint16_t lent = q->published - q->taken;

	if (lent == 0)
		return "it used more than it was lent";
	if (id >= q->size || q->slot[id].cookie == NULL)
		return "it used what it was not lent";
	if (steps_of(q, q->slot[id].count) > lent)
		return "it used more than it was lent";
	if (len > q->slot[id].writable)
		return "it wrote more than it was lent";
	return NULL;
}

void *eft_virtq_take(struct eft_virtq *q, uint32_t *ret_len)
{
	uint32_t id, len;
	void *cookie;

	if (q->fault || !q->format->look(q, &id, &len))
		return NULL;
	if (!q->fault)
		q->fault = lie_in(q, id, len);
	if (q->fault)
		return NULL;
	cookie = q->slot[id].cookie;
	q->taken += steps_of(q, q->slot[id].count);
	give_slots(q, id);
	*ret_len = len;
	return cookie;
}

bool eft_virtq_listen(struct eft_virtq *q)
{
	uint32_t id, len;

	q->format->listen(q, true);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return q->fault || !q->format->look(q, &id, &len);
}

void eft_virtq_ignore(struct eft_virtq *q)
{
	q->format->listen(q, false);
}

void *eft_virtq_drain(struct eft_virtq *q)
{
	for (unsigned i = 0; i < q->size; i++) {
		void *cookie = q->slot[i].cookie;

		if (cookie) {
			give_slots(q, i);
			return cookie;
		}
	}
	return NULL;
}

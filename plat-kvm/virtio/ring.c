// SPDX-License-Identifier: BSD-3-Clause
/*
 * HOW	Free descriptors are a list in (slot), which the device does not see: it
 *	may change the descriptors as it likes, and only hurts itself. A request
 *	is known by its first descriptor.
 *
 * ORDER  A request is written before its index, and the index before the look
 *	at whether the device wants to be told (§2.7.13.3.1, §2.7.13.4.1);
 *	the used index is read before what it covers (§2.7.14). The processor
 *	keeps all but the second itself.
 */
#include "plat-kvm/virtio/ring.h"
#include "core/abi.h"
#include "core/log.h"

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4 }; /* §2.7.5 */
enum { AVAIL_NO_INTERRUPT = 1, USED_NO_NOTIFY = 1 }; /* §2.7.6, §2.7.8 */
enum { USED_ALIGN = 4, INDIRECT_ALIGN = 16 };

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
	};
	if (eft_virtio_has(features, EFT_VIRTIO_INDIRECT)) {
		q->indirect = (void *)(at + indirect_offset(size));
		q->indirect_phys = phys + indirect_offset(size);
	} else {
		eft_assert(parts_max <= size);
	}
	for (unsigned i = 0; i < size; i++)
		slot[i] = (struct eft_virtq_slot){.next = i + 1};
}

static uint16_t *used_event(const struct eft_virtq *q)
{
	return &q->avail->ring[q->size];
}

static const uint16_t *avail_event(const struct eft_virtq *q)
{
	return (const uint16_t *)&q->used->ring[q->size];
}

static uint16_t load(const uint16_t *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static void store(uint16_t *at, uint16_t value)
{
	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

static void fail(struct eft_virtq *q, const char *why)
{
	q->fault = why;
}

static void set_desc(struct eft_virtq_desc *desc,
		     const struct eft_virtq_part *part, bool writable)
{
	desc->addr = part->phys;
	desc->len = part->len;
	desc->flags = writable ? DESC_WRITE : 0;
}

/* In a table of its own (§2.7.5.3), of which (head) tells. */
static void fill_indirect(struct eft_virtq *q, unsigned head,
			  const struct eft_virtq_part *parts, unsigned out,
			  unsigned count)
{
	size_t first = (size_t)head * q->parts_max;
	struct eft_virtq_desc *desc = q->indirect + first;
	const struct eft_virtq_part table = {q->indirect_phys +
						     first * sizeof(*desc),
					     count * sizeof(*desc)};

	for (unsigned i = 0; i < count; i++) {
		set_desc(&desc[i], &parts[i], i >= out);
		if (i + 1 < count) {
			desc[i].flags |= DESC_NEXT;
			desc[i].next = i + 1;
		}
	}
	set_desc(&q->desc[head], &table, false);
	q->desc[head].flags = DESC_INDIRECT;
}

/* In a chain of descriptors, each of which names the next free one. */
static void fill_chain(struct eft_virtq *q, unsigned head,
		       const struct eft_virtq_part *parts, unsigned out,
		       unsigned count)
{
	unsigned at = head;

	for (unsigned i = 0; i < count; i++) {
		set_desc(&q->desc[at], &parts[i], i >= out);
		if (i + 1 < count) {
			q->desc[at].flags |= DESC_NEXT;
			q->desc[at].next = q->slot[at].next;
		}
		at = q->slot[at].next;
	}
}

/* Off the list of free ones. */
static unsigned take_slots(struct eft_virtq *q, unsigned count)
{
	unsigned head = q->free;

	q->free_count -= count;
	q->slot[head].count = count;
	while (count-- > 0)
		q->free = q->slot[q->free].next;
	return head;
}

static void give_slots(struct eft_virtq *q, unsigned head)
{
	struct eft_virtq_slot *last = &q->slot[head];
	unsigned count = last->count;

	last->cookie = NULL;
	q->free_count += count;
	while (--count > 0)
		last = &q->slot[last->next];
	last->next = q->free;
	q->free = head;
}

int eft_virtq_add(struct eft_virtq *q, const struct eft_virtq_part *parts,
		  unsigned out, unsigned in, void *cookie)
{
	unsigned count = out + in, head;
	bool indirect = q->indirect && count > 1;
	uint64_t writable = 0;

	eft_assert(cookie != NULL && count > 0 && count <= q->parts_max);
	if (q->fault)
		return -EIO;
	if (q->free_count < (indirect ? 1 : count))
		return -ENOSPC;
	for (unsigned i = 0; i < count; i++) {
		eft_assert(parts[i].len > 0);
		writable += i >= out ? parts[i].len : 0;
	}
	eft_assert(writable <= UINT32_MAX);
	head = q->free;
	if (indirect)
		fill_indirect(q, head, parts, out, count);
	else
		fill_chain(q, head, parts, out, count);
	take_slots(q, indirect ? 1 : count);
	q->slot[head].cookie = cookie;
	q->slot[head].writable = writable;
	q->avail->ring[q->added++ & (q->size - 1)] = head;
	return 0;
}

/* §2.7.10: has (event) been passed on the way from (old) to (now)? */
static bool passed(uint16_t event, uint16_t old, uint16_t now)
{
	return (uint16_t)(now - event - 1) < (uint16_t)(now - old);
}

bool eft_virtq_publish(struct eft_virtq *q)
{
	uint16_t old = q->published;

	if (q->fault || old == q->added)
		return false;
	store(&q->avail->idx, q->added);
	q->published = q->added;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (q->event_idx)
		return passed(load(avail_event(q)), old, q->added);
	return !(load(&q->used->flags) & USED_NO_NOTIFY);
}

void *eft_virtq_take(struct eft_virtq *q, uint32_t *ret_len)
{
	uint16_t idx = load(&q->used->idx);
	const struct eft_virtq_used_elem *elem;
	uint32_t id, len;
	void *cookie;

	if (q->fault || idx == q->taken)
		return NULL;
	if ((uint16_t)(idx - q->taken) > (uint16_t)(q->published - q->taken)) {
		fail(q, "it used more than it was lent");
		return NULL;
	}
	elem = &q->used->ring[q->taken & (q->size - 1)];
	id = __atomic_load_n(&elem->id, __ATOMIC_RELAXED);
	len = __atomic_load_n(&elem->len, __ATOMIC_RELAXED);
	if (id >= q->size || q->slot[id].cookie == NULL) {
		fail(q, "it used what it was not lent");
		return NULL;
	}
	if (len > q->slot[id].writable) {
		fail(q, "it wrote more than it was lent");
		return NULL;
	}
	cookie = q->slot[id].cookie;
	give_slots(q, id);
	q->taken++;
	*ret_len = len;
	return cookie;
}

bool eft_virtq_listen(struct eft_virtq *q)
{
	if (q->event_idx)
		store(used_event(q), q->taken);
	else
		store(&q->avail->flags, 0);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return q->fault || load(&q->used->idx) == q->taken;
}

/* An event just behind (taken) is passed only when the index wraps around. */
void eft_virtq_ignore(struct eft_virtq *q)
{
	if (q->event_idx)
		store(used_event(q), q->taken - 1);
	else
		store(&q->avail->flags, AVAIL_NO_INTERRUPT);
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

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A virtqueue: a split ring (VIRTIO 1.2 §2.7), or a packed one (§2.8) where the
 * features say so, with or without indirect descriptors and event indices. No
 * hardware here. Who uses it does not see which it is.
 *
 * The device is not believed. What it may write is read once and checked; all
 * that the driver relies on lies where the device has no business. A queue
 * whose device has broken a rule says which in (fault), and gives nothing any
 * more until it is begun anew.
 *
 * LOCKS  The caller's: one call at a time.
 */
#include "core/base.h"

enum { /* features, §6 */
       EFT_VIRTIO_INDIRECT = 28,
       EFT_VIRTIO_EVENT_IDX = 29,
       EFT_VIRTIO_VERSION_1 = 32,
       EFT_VIRTIO_ACCESS_PLATFORM = 33,
       EFT_VIRTIO_RING_PACKED = 34,
};

static inline bool eft_virtio_has(uint64_t features, unsigned feature)
{
	return features >> feature & 1;
}

#define EFT_VIRTQ_SIZE_MAX 1024u /* the standard allows 32768 */

struct eft_virtq_desc { /* §2.7.5 */
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

struct eft_virtq_avail { /* §2.7.6; used_event follows the ring */
	uint16_t flags, idx, ring[];
};

struct eft_virtq_used_elem {
	uint32_t id, len;
};

struct eft_virtq_used { /* §2.7.8; avail_event follows the ring */
	uint16_t flags, idx;
	struct eft_virtq_used_elem ring[];
};

struct eft_virtq_packed_desc { /* §2.8.13 */
	uint64_t addr;
	uint32_t len;
	uint16_t id, flags;
};

struct eft_virtq_event { /* §2.8.14 */
	uint16_t offset, flags;
};

/*
 * What is lent to the device under one number. In a split ring each descriptor
 * has a number, and a request the first one's; in a packed ring each request
 * has one.
 */
struct eft_virtq_slot {
	void *cookie;	   /* the caller's; NULL: not lent */
	uint32_t writable; /* bytes that the device may write */
	uint16_t count;	   /* of descriptors */
	uint16_t next;	   /* in the list of free ones, or in the chain */
};

/* A part of a request, by its physical address. */
struct eft_virtq_part {
	uint64_t phys;
	uint32_t len;
};

struct eft_virtq_format; /* ring_format.h */

struct eft_virtq {
	/*
	 * The device sees these: at (phys) and behind. Which of each two there
	 * is, the format says.
	 */
	union {
		struct eft_virtq_desc *desc;
		struct eft_virtq_packed_desc *packed;
	};
	union { /* the driver's */
		struct eft_virtq_avail *avail;
		struct eft_virtq_event *driver_event;
	};
	union { /* the device's */
		struct eft_virtq_used *used;
		struct eft_virtq_event *device_event;
	};
	void *indirect; /* (parts_max) descriptors for each slot, or NULL */
	uint64_t desc_phys, avail_phys, used_phys, indirect_phys;

	/* These it does not. */
	struct eft_virtq_slot *slot;
	uint16_t size;	     /* a power of two */
	uint16_t parts_max;  /* of one request */
	uint16_t free;	     /* the first free slot */
	uint16_t free_count; /* of descriptors */

	/* Of requests in a split ring, of descriptors in a packed one. */
	uint16_t added;	    /* so far */
	uint16_t published; /* that the device was told of */
	uint16_t taken;	    /* back */
	uint16_t
		hidden_flags; /* packed: of the first that it was not told of */
	bool event_idx;
	bool tells_all; /* it notifies the device of all that is added */
	const struct eft_virtq_format *format;
	const char *fault;
};

/*
 * Memory for a queue: contiguous, zeroed, on a page of its own. It is for the
 * device alone.
 */
size_t eft_virtq_bytes(unsigned size, unsigned parts_max);

/*
 * Begin a queue.
 *
 * size       a power of two, EFT_VIRTQ_SIZE_MAX at most
 * parts_max  of one request; with no INDIRECT among (features), (size) or less
 * memory     eft_virtq_bytes() of them, at (phys)
 * slot       (size) of them
 */
void eft_virtq_init(struct eft_virtq *q, unsigned size, unsigned parts_max,
		    uint64_t features, void *memory, uint64_t phys,
		    struct eft_virtq_slot *slot);

/*
 * Lend a request to the device: (out) parts that it reads, then (in) parts that
 * it writes, none of them empty. It sees it at the next eft_virtq_publish().
 *
 * cookie    what eft_virtq_take() gives back; not NULL
 * Returns   0; -ENOSPC no room, until one is taken; -EIO the device is at fault
 */
int eft_virtq_add(struct eft_virtq *q, const struct eft_virtq_part *parts,
		  unsigned out, unsigned in, void *cookie);

/*
 * Returns   whether the device is to be notified of what was added: always,
 *           if (q->tells_all)
 */
bool eft_virtq_publish(struct eft_virtq *q);

/*
 * Take back the next request that the device has used.
 *
 * ret_len   bytes that it says it wrote, no more than were lent for that
 * Returns   its cookie; NULL there is none, or the device is at fault
 */
void *eft_virtq_take(struct eft_virtq *q, uint32_t *ret_len);

/*
 * Have the device interrupt at the next that it uses.
 *
 * Returns   false: one was used meanwhile, and is to be taken first
 */
bool eft_virtq_listen(struct eft_virtq *q);

/* It need not, for now; it may all the same. */
void eft_virtq_ignore(struct eft_virtq *q);

/*
 * Take back a request that the device no longer has, since it was reset.
 *
 * Returns   its cookie; NULL all were
 */
void *eft_virtq_drain(struct eft_virtq *q);

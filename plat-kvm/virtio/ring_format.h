// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the files of a virtqueue: what differs between its formats. ring.c
 * has the rest: what is free, what is lent, and what a device may say.
 */
#include "plat-kvm/virtio/ring.h"

enum {
	EFT_VIRTQ_NEXT = 1,
	EFT_VIRTQ_WRITE = 2,
	EFT_VIRTQ_INDIRECT = 4
}; /* §2.7.5, §2.8.13 */

/* The parts of a request: (count), of which the device reads the first (out). */
struct eft_virtq_parts {
	const struct eft_virtq_part *part;
	unsigned out, count;
};

struct eft_virtq_format {
	/*
	 * A chain takes a slot for each of its descriptors, and is counted as
	 * one; or it takes one, and its descriptors are counted.
	 */
	bool chain_of_slots;

	/*
	 * Write request (id) behind what was added; in a table of its own if
	 * (table) says so. The device does not look there yet.
	 */
	void (*write)(struct eft_virtq *q, unsigned id,
		      const struct eft_virtq_parts *parts, bool table);
	/* Show the device all that was added. Does it want to be notified? */
	bool (*publish)(struct eft_virtq *q);
	/* Is there one that it has used, and what does it say of that? */
	bool (*look)(struct eft_virtq *q, uint32_t *ret_id, uint32_t *ret_len);
	/* Have it interrupt at the next that it uses, or not at all. */
	void (*listen)(struct eft_virtq *q, bool on);
};

extern const struct eft_virtq_format eft_virtq_split, eft_virtq_packed;

static inline uint16_t eft_virtq_load(const uint16_t *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static inline void eft_virtq_store(uint16_t *at, uint16_t value)
{
	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

/* Where request (id) has its table: descriptors of 16 bytes, in each format. */
static inline size_t eft_virtq_table_offset(const struct eft_virtq *q,
					    unsigned id)
{
	return (size_t)id * q->parts_max * sizeof(struct eft_virtq_desc);
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Everything that the libOS holds, counted: what a failure leaves as it was.
 * References have no count of their own: who forgets one leaves the block that
 * it is to.
 */
#include "core/file.h"
#include "tests/unit/unit.h"

struct everything {
	uint64_t pages;	   /* of RAM, in use */
	size_t blocks;	   /* of the heap */
	size_t mapped;	   /* pages of the program's window */
	uint64_t promised; /* bytes of memory */
	unsigned descriptors;
	unsigned handles, tickets; /* of the host's */
};

static inline struct everything count_everything(void)
{
	struct everything now = {
		.blocks = fake_heap_blocks(),
		.mapped = fake_mapped_pages(),
		.handles = fake_host_open_handles(),
		.tickets = fake_host_tickets(),
	};
	struct eft_page_stats pages;
	struct eft_range_stats ranges;

	eft_page_stats(&pages);
	now.pages = pages.total - pages.free;
	eft_range_stats(&ranges);
	now.promised = ranges.committed;
	for (int fd = 0; (fd = eft_fd_next(fd)) >= 0; fd++)
		now.descriptors++;
	return now;
}

/* (what) happened since (before): is all as it was? */
static inline void check_everything(const char *what,
				    const struct everything *before)
{
	const struct everything now = count_everything();
	const struct {
		const char *name;
		uint64_t before, now;
	} counts[] = {
		{"pages", before->pages, now.pages},
		{"blocks", before->blocks, now.blocks},
		{"pages of the window", before->mapped, now.mapped},
		{"promised bytes", before->promised, now.promised},
		{"descriptors", before->descriptors, now.descriptors},
		{"handles of the host's", before->handles, now.handles},
		{"tickets", before->tickets, now.tickets},
	};

	for (size_t i = 0; i < eft_array_size(counts); i++) {
		if (counts[i].before != counts[i].now)
			cr_assert_fail("after %s: %s: %lu, not %lu", what,
				       counts[i].name,
				       (unsigned long)counts[i].now,
				       (unsigned long)counts[i].before);
	}
}

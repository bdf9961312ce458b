// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sets of physical addresses, for the few that a memory map has.
 */
#include "plat-kvm/boot/loader.h"

static void cut(struct eft_kvm_regions *r, unsigned first, unsigned last)
{
	memmove(&r->at[first], &r->at[last],
		(r->count - last) * sizeof(r->at[0]));
	r->count -= last - first;
}

static bool insert(struct eft_kvm_regions *r, unsigned i, uint64_t start,
		   uint64_t end)
{
	if (r->count == eft_array_size(r->at))
		return false;
	memmove(&r->at[i + 1], &r->at[i], (r->count - i) * sizeof(r->at[0]));
	r->at[i] = (struct eft_kvm_region){start, end};
	r->count++;
	return true;
}

void eft_kvm_regions_add(struct eft_kvm_regions *r, uint64_t start,
			 uint64_t end)
{
	unsigned first = 0, last;

	if (start >= end)
		return;
	while (first < r->count && r->at[first].end < start)
		first++;
	/* [first, last) touch the new one and become one with it. */
	for (last = first; last < r->count && r->at[last].start <= end;
	     last++) {
		start = eft_min(start, r->at[last].start);
		end = eft_max(end, r->at[last].end);
	}
	cut(r, first, last);
	insert(r, first, start, end);
}

void eft_kvm_regions_remove(struct eft_kvm_regions *r, uint64_t start,
			    uint64_t end)
{
	unsigned i = 0;

	while (start < end && i < r->count) {
		struct eft_kvm_region *at = &r->at[i], old = *at;

		if (old.end <= start || end <= old.start) {
			i++;
			continue;
		}
		if (old.start < start) {
			at->end = start;
			i++;
			if (end < old.end)
				insert(r, i, end, old.end);
		} else if (end < old.end) {
			at->start = end;
		} else {
			cut(r, i, i + 1);
		}
	}
}

bool eft_kvm_regions_contain(const struct eft_kvm_regions *r, uint64_t start,
			     uint64_t end)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->at[i].start <= start && end <= r->at[i].end)
			return start <= end;
	return false;
}

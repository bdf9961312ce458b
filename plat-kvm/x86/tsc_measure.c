// SPDX-License-Identifier: BSD-3-Clause
/*
 * Readings of counters, and which of them are good: no hardware here.
 */
#include "plat-kvm/x86/clock.h"

enum { READINGS = 3 };
enum { PRECISION = 128 }; /* the count was there somewhere in (took) */

void eft_kvm_read_best(eft_kvm_read_fn *read, struct eft_kvm_reading *ret)
{
	struct eft_kvm_reading next;

	read(ret);
	for (int i = 1; i < READINGS; i++) {
		read(&next);
		if (next.took < ret->took)
			*ret = next;
	}
}

bool eft_kvm_readings_do(struct eft_kvm_reading *first,
			 const struct eft_kvm_reading *last)
{
	if (last->took < first->took / 2) {
		*first = *last;
		return false;
	}
	return first->took + last->took <= (last->at - first->at) / PRECISION;
}

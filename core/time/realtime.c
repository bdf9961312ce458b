// SPDX-License-Identifier: BSD-3-Clause
#include "core/plat.h"
#include "core/thread.h"
#include "core/time.h"

eft_needs(eft_plat_guest_realtime_ns);

uint64_t eft_realtime_offset;

struct eft_waitq eft_realtime_changes = {
	.lock = EFT_LOCK_INIT(EFT_RANK_CLOCK_SET),
	.waiters = {&eft_realtime_changes.waiters,
		    &eft_realtime_changes.waiters},
};

uint64_t eft_realtime_ns(void)
{
	return eft_plat->realtime_ns() +
	       __atomic_load_n(&eft_realtime_offset, __ATOMIC_RELAXED);
}

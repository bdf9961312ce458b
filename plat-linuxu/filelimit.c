// SPDX-License-Identifier: BSD-3-Clause
/*
 * RLIMIT_FSIZE is for the program's files. The host refuses to make a larger one,
 * with a signal, whoever writes: a disk's file, which is none of the program's,
 * is written while the limit is lifted.
 *
 * LOCKS  One: who lifts it first, and who is the last to be done.
 */
#include "core/lock.h"
#include "plat-linuxu/linuxu.h"

static struct eft_lock lifting = EFT_LOCK_INIT(EFT_RANK_TICKETS);
static unsigned lifts; /* owned by (lifting) */

/* As exec has left it: (known) is set once, at boot. */
static uint64_t before[2];
static bool known;

int eft_plat_process_may_write(uint64_t bytes, bool *ret_lifts)
{
	if (eft_plat != &eft_linuxu_plat)
		return -ENODEV;
	if (!known)
		eft_linuxu_limit(EFT_RLIMIT_FSIZE, before);
	known = true;
	if (bytes > before[1])
		return -EFBIG;
	*ret_lifts = bytes > before[0];
	return 0;
}

static void set(uint64_t soft)
{
	uint64_t limit[2] = {soft, before[1]};

	eft_linux4(SYS_prlimit64, 0, EFT_RLIMIT_FSIZE, (long)limit, 0);
}

void eft_plat_process_lift(bool lift)
{
	eft_lock(&lifting);
	eft_assert(known && (lift || lifts > 0));
	if (lift && lifts++ == 0)
		set(before[1]);
	else if (!lift && --lifts == 0)
		set(before[0]);
	eft_unlock(&lifting);
}

const uint64_t *eft_linuxu_file_limit_before(void)
{
	return known ? before : NULL;
}

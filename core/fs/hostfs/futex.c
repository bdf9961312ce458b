// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's futexes: words in mappings of its files, which other processes
 * may have too.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/time.h"
#include "core/user.h"

/* futex(2): FUTEX_WAIT_BITSET, whose bits are the last argument. */
enum { FUTEX_WAIT_BITSET = 9, LOOK_NS = 10000000 };

/* Nobody helps: the program looks itself, now and then. */
static long look(const uint32_t eft_user *word, uint32_t value,
		 uint64_t deadline_ns)
{
	uint64_t soon = eft_now_ns() + LOOK_NS;
	uint32_t now;
	int error;

	if (eft_load_word(word, &now) != 0)
		return -EFAULT;
	if (now != value)
		return -EAGAIN;
	error = eft_sleep(eft_min(soon, deadline_ns));
	return error == -ETIMEDOUT && soon < deadline_ns ? 0 : error;
}

long eft_hostfile_futex_wait(uint32_t eft_user *word, uint32_t value,
			     uint32_t bits, uint64_t deadline_ns)
{
	const long args[6] = {(long)word, FUTEX_WAIT_BITSET, value, 0, 0, bits};
	long result;

	if (eft_hostfile_call(EFT_HOST_FUTEX, args, deadline_ns, true, &result))
		return result;
	return look(word, value, deadline_ns);
}

long eft_hostfile_futex(uint32_t eft_user *word, int op, uint32_t value,
			long value2, uint32_t eft_user *word2, uint32_t value3)
{
	const long args[6] = {(long)word, op,	       value,
			      value2,	  (long)word2, value3};

	return eft_plat_host_helpers()->futex(args);
}

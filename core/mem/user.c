// SPDX-License-Identifier: BSD-3-Clause
/*
 * Copies between the libOS's memory and the program's.
 */
#include "core/user.h"
#include "core/check/lock.h"
#include "core/dev/heapwatch.h"

/*
 * How many of (n) bytes at (user) lie before the one that could not be
 * accessed: fewer than (n). None, where the fault told no address: the
 * pointer is none at all.
 */
static size_t before_fault(struct eft_user_result fault, uintptr_t user,
			   size_t n)
{
	size_t bytes = fault.addr - user;

	return bytes < n ? bytes : 0;
}

/*
 * Copy what there is; (user) is the program's side. Try again with what seems
 * to be there, which becomes less each time.
 */
static __attribute__((noinline)) size_t copy_some(void *to, const void *from,
						  size_t n, uintptr_t user)
{
	struct eft_user_result fault;

	eft_lockcheck_faults();
	while ((fault = eft_user_copy(to, from, n)).error < 0)
		n = before_fault(fault, user, n);
	return n;
}

size_t eft_copy_in_some(void *to, const void eft_user *from, size_t n)
{
	return copy_some(to, (const void *)from, n, (uintptr_t)from);
}

size_t eft_copy_out_some(void eft_user *to, const void *from, size_t n)
{
	return copy_some((void *)to, from, n, (uintptr_t)to);
}

int eft_copy_in(void *to, const void eft_user *from, size_t n)
{
	eft_lockcheck_faults();
	return (int)eft_user_copy(to, (const void *)from, n).error;
}

int eft_copy_out(void eft_user *to, const void *from, size_t n)
{
	eft_lockcheck_faults();
	return (int)eft_user_copy((void *)to, from, n).error;
}

size_t eft_clear_some(void eft_user *to, size_t n)
{
	struct eft_user_result fault;

	eft_lockcheck_faults();
	fault = eft_user_clear((void *)to, n);
	while (fault.error < 0) {
		n = before_fault(fault, (uintptr_t)to, n);
		fault = eft_user_clear((void *)to, n);
	}
	return n;
}

/*
 * Eight bytes are read at a time, which may go past the NUL: a tool that watches
 * memory would tell of that. Fewer are read one by one.
 */
static ssize_t watched_string(char *to, const char *from, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t piece = eft_min(size - done, sizeof(uint64_t) - 1);
		struct eft_user_result fault =
			eft_user_string(to + done, from + done, piece);

		if (fault.error < 0)
			return fault.error;
		done += fault.addr;
		if (fault.addr < piece)
			break;
	}
	return (ssize_t)done;
}

ssize_t eft_copy_string_in(char *to, const char eft_user *from, size_t size)
{
	struct eft_user_result fault;

	eft_lockcheck_faults();
	if (eft_unlikely(eft_heap_watch != NULL))
		return watched_string(to, (const char *)from, size);
	fault = eft_user_string(to, (const char *)from, size);
	return fault.error < 0 ? fault.error : (ssize_t)fault.addr;
}

int eft_load_word(const uint32_t eft_user *word, uint32_t *ret_value)
{
	return (int)eft_user_load((const uint32_t *)word, ret_value).error;
}

int eft_exchange_word(uint32_t eft_user *word, uint32_t *expected,
		      uint32_t value)
{
	return (int)eft_user_exchange((uint32_t *)word, expected, value).error;
}

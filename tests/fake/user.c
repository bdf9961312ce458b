// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's memory on the fake platform: the test's own, with the
 * sanitizer's eyes, and some that cannot be accessed.
 */
#include "core/user.h"
#include "tests/fake/fake.h"

/* Where real ones lie: no instruction is there. */
char eft_user_text[1], eft_user_text_end[1], eft_user_fault[1];

static struct {
	uintptr_t start, end;
} bad;

void fake_user_bad(const void *start, size_t len)
{
	bad.start = (uintptr_t)start;
	bad.end = bad.start + len;
}

/* The first of (n) bytes at (memory) that cannot be accessed, if one cannot. */
static struct eft_user_result look(const void *memory, size_t n)
{
	uintptr_t at = (uintptr_t)memory;

	if (n == 0)
		return (struct eft_user_result){0};
	if (at < EFT_PAGE_SIZE)
		return (struct eft_user_result){-EFAULT, at};
	if (at < bad.end && at + n > bad.start)
		return (struct eft_user_result){-EFAULT,
						eft_max(at, bad.start)};
	return (struct eft_user_result){0};
}

static struct eft_user_result either(const void *a, const void *b, size_t n)
{
	struct eft_user_result fault = look(a, n);

	return fault.error < 0 ? fault : look(b, n);
}

struct eft_user_result eft_user_copy(void *to, const void *from, size_t n)
{
	struct eft_user_result fault = either(to, from, n);

	if (fault.error == 0 && n > 0)
		memmove(to, from, n);
	return fault;
}

struct eft_user_result eft_user_clear(void *to, size_t n)
{
	struct eft_user_result fault = look(to, n);

	if (fault.error == 0 && n > 0)
		memset(to, 0, n);
	return fault;
}

struct eft_user_result eft_user_string(char *to, const char *from, size_t size)
{
	size_t len = 0;

	for (; len < size; len++) {
		struct eft_user_result fault = look(from + len, 1);

		if (fault.error < 0)
			return fault;
		to[len] = from[len];
		if (to[len] == '\0')
			break;
	}
	return (struct eft_user_result){0, len};
}

struct eft_user_result eft_user_load(const uint32_t *word, uint32_t *ret_value)
{
	struct eft_user_result fault = look(word, sizeof(*word));

	if (fault.error == 0)
		*ret_value = __atomic_load_n(word, __ATOMIC_SEQ_CST);
	return fault;
}

struct eft_user_result eft_user_exchange(uint32_t *word, uint32_t *expected,
					 uint32_t value)
{
	struct eft_user_result fault = look(word, sizeof(*word));

	if (fault.error == 0)
		__atomic_compare_exchange_n(word, expected, value, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return fault;
}

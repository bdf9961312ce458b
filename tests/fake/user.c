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

void (*fake_after_copy)(void);

struct eft_user_result eft_user_copy(void *to, const void *from, size_t n)
{
	struct eft_user_result fault = either(to, from, n);
	void (*function)(void) = fake_after_copy;

	if (fault.error == 0 && n > 0)
		memmove(to, from, n);
	fake_after_copy = NULL;
	if (function != NULL)
		function();
	return fault;
}

/*
 * Two keep all registers but rax and rdx (core/user.h), and the vectors that the
 * compiler uses here: those of 64 bytes, and flags, are nobody's at a call.
 */
#define KEEPS_REGISTERS(name, function)                               \
	__asm__(".pushsection .text\n"                                \
		".globl " #name "\n"                                  \
		".type " #name ", @function\n" #name ":\n"            \
		"push %rbp\n mov %rsp, %rbp\n"                        \
		"push %rcx\n push %rsi\n push %rdi\n push %r8\n"      \
		"push %r9\n push %r10\n push %r11\n"                  \
		"sub $520, %rsp\n and $-16, %rsp\n fxsave64 (%rsp)\n" \
		"call " #function "\n"                                \
		"fxrstor64 (%rsp)\n lea -56(%rbp), %rsp\n"            \
		"pop %r11\n pop %r10\n pop %r9\n pop %r8\n"           \
		"pop %rdi\n pop %rsi\n pop %rcx\n pop %rbp\n ret\n"   \
		".popsection\n")

struct eft_user_result fake_user_get8(const uint64_t *from);
struct eft_user_result fake_user_put8(uint64_t *to, uint64_t value);

KEEPS_REGISTERS(eft_user_get8, fake_user_get8);
KEEPS_REGISTERS(eft_user_put8, fake_user_put8);

struct eft_user_result fake_user_get8(const uint64_t *from)
{
	struct eft_user_result fault = look(from, sizeof(*from));

	if (fault.error == 0)
		fault.addr = *from;
	return fault;
}

struct eft_user_result fake_user_put8(uint64_t *to, uint64_t value)
{
	struct eft_user_result fault = look(to, sizeof(*to));

	if (fault.error == 0)
		*to = value;
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

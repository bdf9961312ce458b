// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The program's memory, as seen by the libOS: the only way to it.
 *
 * A pointer that the program gave may lead anywhere, and what is there may be
 * unmapped by another thread meanwhile. Such a pointer is marked eft_user, and
 * used by these functions alone, whose moves may fault: an access that cannot
 * be made ends them, and the call that asked is -EFAULT. A check of the sources
 * (tests/checks/user) has clang see to it.
 *
 * Context: thread, with or without mutexes; not with a spin lock, for a page
 * may have to be brought in.
 */
#include "core/abi.h"

/* A pointer of the libOS's to memory of its own, where a program's is asked. */
#define eft_as_user(pointer) ((__typeof__(*(pointer)) eft_user *)(pointer))

/*
 * Copy (n) bytes in from the program's memory, or out to it.
 *
 * Returns   0; -EFAULT: not all could be copied, perhaps some
 */
int eft_copy_in(void *to, const void eft_user *from, size_t n);
int eft_copy_out(void eft_user *to, const void *from, size_t n);

/* The same; for how many bytes could be copied: the first ones. */
size_t eft_copy_in_some(void *to, const void eft_user *from, size_t n);
size_t eft_copy_out_some(void eft_user *to, const void *from, size_t n);
/* Zeroes; returns as they do. */
size_t eft_clear_some(void eft_user *to, size_t n);

/*
 * Copy a string and its NUL into (to), which has room for (size) bytes.
 *
 * Returns   its length without the NUL; (size): it does not fit; -EFAULT
 */
ssize_t eft_copy_string_in(char *to, const char eft_user *from, size_t size);

/*
 * A word of the program's that its threads change meanwhile, aligned. The
 * second stores (value) where the word is *expected; *expected becomes what
 * was there.
 *
 * Returns   0; -EFAULT
 */
int eft_load_word(const uint32_t eft_user *word, uint32_t *ret_value);
int eft_exchange_word(uint32_t eft_user *word, uint32_t *expected,
		      uint32_t value);

/* The same of an object, by a pointer to its type. */
#define eft_get_user(ret_value, from) \
	eft_copy_in((ret_value), (from), sizeof(*(ret_value)))
#define eft_put_user(to, value) eft_copy_out((to), (value), sizeof(*(value)))
/* Nothing, where (to) is NULL: the program does not ask for it. */
#define eft_put_optional(to, value) \
	((to) == NULL ? 0 : eft_put_user((to), (value)))

/*
 * What the functions above are made of: core/arch/x86_64/user.S.
 */
struct eft_user_result {
	int64_t error;	/* 0: done; -EFAULT */
	uintptr_t addr; /* of the fault; or a string's length, or the word */
};

struct eft_user_result eft_user_copy(void *to, const void *from, size_t n);
struct eft_user_result eft_user_clear(void *to, size_t n);
struct eft_user_result eft_user_string(char *to, const char *from, size_t size);
struct eft_user_result eft_user_load(const uint32_t *word, uint32_t *ret_value);
struct eft_user_result eft_user_exchange(uint32_t *word, uint32_t *expected,
					 uint32_t value);
/*
 * In line, for calls that are made often: 8 bytes; eft_copy_in() and
 * eft_copy_out(). Two functions in user.S keep all registers but rax and rdx, so
 * that the callers need not save any.
 */
static inline int eft_get_user_u64(uint64_t *ret_value,
				   const uint64_t eft_user *from)
{
	int error;

	__asm__ volatile("call eft_user_get8"
			 : "=a"(error), "=d"(*ret_value)
			 : "D"(from)
			 : "cc", "memory");
	return error;
}

static inline int eft_put_user_u64(uint64_t eft_user *to, uint64_t value)
{
	int error;

	__asm__ volatile("call eft_user_put8"
			 : "=a"(error)
			 : "D"(to), "S"(value)
			 : "rdx", "cc", "memory");
	return error;
}

static inline int eft_copy_in_inline(void *to, const void eft_user *from,
				     size_t n)
{
	return (int)eft_user_copy(to, (const void *)from, n).error;
}

static inline int eft_copy_out_inline(void eft_user *to, const void *from,
				      size_t n)
{
	return (int)eft_user_copy((void *)to, from, n).error;
}

extern char eft_user_text[], eft_user_text_end[], eft_user_fault[];

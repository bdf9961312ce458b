// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What every room stands on: fixed-width types, sizes and a few macros.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef intptr_t ssize_t;
typedef int64_t off_t;

#define EFT_PAGE_SIZE 4096ul
#define EFT_PAGE_MASK (EFT_PAGE_SIZE - 1)

/* A deadline that never comes. Deadlines are monotonic nanoseconds. */
#define EFT_FOREVER UINT64_MAX

#define eft_container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))
#define eft_array_size(a)	   (sizeof(a) / sizeof((a)[0]))
#define eft_likely(x)		   __builtin_expect(!!(x), 1)
#define eft_unlikely(x)		   __builtin_expect(!!(x), 0)
#define eft_noreturn		   __attribute__((noreturn))
#define eft_weak		   __attribute__((weak))
#define eft_no_asan		   __attribute__((no_sanitize("address")))
#define eft_printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

/* In line, though size is what the compiler thinks of. */
#define eft_inline static inline __attribute__((always_inline))

/*
 * No guard on the stack: for a function that is called often, and whose locals
 * have addresses but are written field by field, never by a length.
 */
#define eft_no_stack_guard __attribute__((no_stack_protector))

/*
 * Of a pointer to the program's memory, which only core/user.h touches. To
 * clang it is one of another address space, as Linux's __user is to sparse.
 */
#ifdef EFT_CHECK_USER
#define eft_user __attribute__((noderef, address_space(1)))
#else
#define eft_user
#endif

/*
 * Have the linker take in the member that defines (function), where a table
 * of operations refers to it weakly: the caller of an operation names it, so
 * that an image in which nobody calls is without. Costs no byte of itself.
 */
#define eft_needs(function)                                 \
	static __typeof__(function) *const needs_##function \
		__attribute__((used)) = (function)

/* (align) is a power of two. */
static inline uintptr_t eft_align_down(uintptr_t x, uintptr_t align)
{
	return x & ~(align - 1);
}

static inline uintptr_t eft_align_up(uintptr_t x, uintptr_t align)
{
	return (x + align - 1) & ~(align - 1);
}

static inline uint64_t eft_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t eft_max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The C library's four, which any freestanding compiler may call. */
void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

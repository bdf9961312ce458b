// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the compiler calls before each access to memory, and in place of each
 * atomic one (-fsanitize=thread; LLVM compiler-rt, tsan_interface.h and
 * tsan_interface_atomic.h).
 */
#include "tests/explore/explore.h"

void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc)
{
}

void __tsan_func_exit(void)
{
}

static void wrote(void *at, unsigned size)
{
	if (explore_is_on())
		explore_store(at, size);
}

#define PLAIN(size)                                 \
	void __tsan_read##size(void *at)            \
	{                                           \
	}                                           \
	void __tsan_unaligned_read##size(void *at)  \
	{                                           \
	}                                           \
	void __tsan_write##size(void *at)           \
	{                                           \
		wrote(at, size);                    \
	}                                           \
	void __tsan_unaligned_write##size(void *at) \
	{                                           \
		wrote(at, size);                    \
	}

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)

void __tsan_read16(void *at)
{
}

void __tsan_write16(void *at)
{
	wrote(at, 8);
	wrote((char *)at + 8, 8);
}

void __tsan_unaligned_read16(void *at)
{
}

void __tsan_unaligned_write16(void *at)
{
	__tsan_write16(at);
}

void __tsan_read_range(void *at, unsigned long size)
{
}

void __tsan_write_range(void *at, unsigned long size)
{
	wrote(at, (unsigned)size);
}

/* Before an atomic read-modify-write, or a fence: all stores are seen. */
static void fence(void *pc)
{
	if (!explore_is_on())
		return;
	explore_point(pc);
	explore_drain();
	explore_wrote();
}

void __tsan_atomic_thread_fence(int order)
{
	if (order == __ATOMIC_SEQ_CST)
		fence(__builtin_return_address(0));
}

void __tsan_atomic_signal_fence(int order)
{
}

#define MODIFY(bits, name)                                                    \
	uint##bits##_t __tsan_atomic##bits##_##name(                          \
		volatile uint##bits##_t *at, uint##bits##_t value, int order) \
	{                                                                     \
		fence(__builtin_return_address(0));                           \
		return __atomic_##name(at, value, __ATOMIC_SEQ_CST);          \
	}

#define EXCHANGE(bits, name)                                               \
	int __tsan_atomic##bits##_compare_exchange_##name(                 \
		volatile uint##bits##_t *at, uint##bits##_t *expected,     \
		uint##bits##_t value, int order, int failed)               \
	{                                                                  \
		fence(__builtin_return_address(0));                        \
		return __atomic_compare_exchange_n(at, expected, value, 0, \
						   __ATOMIC_SEQ_CST,       \
						   __ATOMIC_SEQ_CST);      \
	}

/* clang's: the value that was there. */
#define EXCHANGE_VALUE(bits)                                          \
	uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(    \
		volatile uint##bits##_t *at, uint##bits##_t expected, \
		uint##bits##_t value, int order, int failed)          \
	{                                                             \
		fence(__builtin_return_address(0));                   \
		__atomic_compare_exchange_n(at, &expected, value, 0,  \
					    __ATOMIC_SEQ_CST,         \
					    __ATOMIC_SEQ_CST);        \
		return expected;                                      \
	}

#define ATOMIC(bits)                                                          \
	uint##bits##_t __tsan_atomic##bits##_load(                            \
		const volatile uint##bits##_t *at, int order)                 \
	{                                                                     \
		if (explore_is_on())                                          \
			explore_point(__builtin_return_address(0));           \
		return __atomic_load_n(at, __ATOMIC_SEQ_CST);                 \
	}                                                                     \
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *at,         \
					 uint##bits##_t value, int order)     \
	{                                                                     \
		if (order == __ATOMIC_SEQ_CST) {                              \
			fence(__builtin_return_address(0));                   \
		} else if (explore_is_on()) {                                 \
			explore_point(__builtin_return_address(0));           \
			explore_store((void *)at, sizeof(value));             \
		}                                                             \
		__atomic_store_n(at, value, __ATOMIC_RELAXED);                \
	}                                                                     \
	uint##bits##_t __tsan_atomic##bits##_exchange(                        \
		volatile uint##bits##_t *at, uint##bits##_t value, int order) \
	{                                                                     \
		fence(__builtin_return_address(0));                           \
		return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);      \
	}                                                                     \
	MODIFY(bits, fetch_add)                                               \
	MODIFY(bits, fetch_sub)                                               \
	MODIFY(bits, fetch_and)                                               \
	MODIFY(bits, fetch_or)                                                \
	MODIFY(bits, fetch_xor)                                               \
	EXCHANGE(bits, strong)                                                \
	EXCHANGE_VALUE(bits)                                                  \
	EXCHANGE(bits, weak)

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

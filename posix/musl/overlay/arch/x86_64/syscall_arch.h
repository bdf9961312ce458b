// SPDX-License-Identifier: BSD-3-Clause
/*
 * musl's system calls as Eft makes them: plain calls of a handler.
 *
 * The number is a constant nearly everywhere, so that the switch of
 * eft_dispatch() folds into one direct call, and the linker keeps just the
 * handlers that the program's libc functions name. eft_syscall.h is made from
 * posix/syscalls.def.
 */
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

long eft_syscall_by_number(long n, long a, long b, long c, long d, long e,
			   long f);
long eft_syscall_unknown(long n);

/* Always: an outlined copy would not know its number. */
#define EFT_INLINE static inline __attribute__((always_inline))

/* A signal is due, or calls are traced: struct eft_cpu's attention. */
EFT_INLINE int eft_attention(void)
{
	int some;

	__asm__ volatile("cmpl $0, %%gs:24" : "=@ccnz"(some)::"memory");
	return __builtin_expect(some, 0);
}

#define EFT_ATTENDED(slow, handler, ...)          \
	do {                                      \
		if (eft_attention())              \
			return slow(__VA_ARGS__); \
		return handler(__VA_ARGS__);      \
	} while (0)

#include "eft_syscall.h"

/*
 * futex(2) is many calls. Those that few programs make are in files of their
 * own (posix/futex.h): a constant operation is a call of that file's.
 */
long eft_futex_requeue(unsigned *word, int op, unsigned value,
		       const struct eft_timespec *timeout, unsigned *word2,
		       unsigned value3);
long eft_futex_pi(unsigned *word, int op, unsigned value,
		  const struct eft_timespec *timeout, unsigned *word2,
		  unsigned value3);

#define EFT_FUTEX_IS(n, op, first, last)                                      \
	(__builtin_constant_p(n) && (n) == 202 && __builtin_constant_p(op) && \
	 ((op)&127) >= (first) && ((op)&127) <= (last))

__typeof__(eft_futex_requeue) eft_slow_futex_requeue;
__typeof__(eft_futex_pi) eft_slow_futex_pi;

#define EFT_FUTEX_PART(part)                                           \
	EFT_ATTENDED(eft_slow_##part, eft_##part, (unsigned *)a, b, c, \
		     (const void *)d, (void *)e, f)

EFT_INLINE long eft_call(long n, long a, long b, long c, long d, long e, long f)
{
	if (EFT_FUTEX_IS(n, b, 3, 5))
		EFT_FUTEX_PART(futex_requeue);
	if (EFT_FUTEX_IS(n, b, 6, 8))
		EFT_FUTEX_PART(futex_pi);
	return eft_dispatch(n, a, b, c, d, e, f);
}

EFT_INLINE long __syscall0(long n)
{
	return eft_dispatch(n, 0, 0, 0, 0, 0, 0);
}

EFT_INLINE long __syscall1(long n, long a)
{
	return eft_dispatch(n, a, 0, 0, 0, 0, 0);
}

EFT_INLINE long __syscall2(long n, long a, long b)
{
	return eft_dispatch(n, a, b, 0, 0, 0, 0);
}

EFT_INLINE long __syscall3(long n, long a, long b, long c)
{
	return eft_dispatch(n, a, b, c, 0, 0, 0);
}

EFT_INLINE long __syscall4(long n, long a, long b, long c, long d)
{
	return eft_call(n, a, b, c, d, 0, 0);
}

EFT_INLINE long __syscall5(long n, long a, long b, long c, long d, long e)
{
	return eft_call(n, a, b, c, d, e, 0);
}

EFT_INLINE long __syscall6(long n, long a, long b, long c, long d, long e,
			   long f)
{
	return eft_dispatch(n, a, b, c, d, e, f);
}

#define IPC_64 0

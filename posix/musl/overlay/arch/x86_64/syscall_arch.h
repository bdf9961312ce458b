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

struct eft_description;

long eft_syscall_by_number(long n, long a, long b, long c, long d, long e,
			   long f);
long eft_syscall_unknown(long n);
long eft_syscall_slow(const struct eft_description *description, void *handler,
		      long a, long b, long c, long d, long e, long f);

/* Always: an outlined copy would not know its number. */
#define EFT_INLINE static inline __attribute__((always_inline))

/* A signal is due, or calls are traced: struct eft_cpu's attention. */
EFT_INLINE int eft_attention(void)
{
	int some;

	__asm__ volatile("cmpl $0, %%gs:24" : "=@ccnz"(some)::"memory");
	return __builtin_expect(some, 0);
}

#define EFT_ATTENDED(name)                                                    \
	if (eft_attention())                                                  \
	return eft_syscall_slow(&eft_describe_##name, (void *)eft_sys_##name, \
				a, b, c, d, e, f)

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

#define EFT_FUTEX_PART(part)                                                 \
	(eft_attention()                                                     \
		 ? eft_syscall_slow(&eft_describe_futex, (void *)part, a, b, \
				    c, d, e, f)                              \
		 : part((unsigned *)a, b, c, (const void *)d, (void *)e, f))

EFT_INLINE long eft_call(long n, long a, long b, long c, long d, long e, long f)
{
	if (EFT_FUTEX_IS(n, b, 3, 5))
		return EFT_FUTEX_PART(eft_futex_requeue);
	if (EFT_FUTEX_IS(n, b, 6, 8))
		return EFT_FUTEX_PART(eft_futex_pi);
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

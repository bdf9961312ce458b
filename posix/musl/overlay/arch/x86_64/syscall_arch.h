// SPDX-License-Identifier: BSD-3-Clause
/*
 * musl's system calls as Eft makes them: calls of a stub, which calls the
 * handler on the thread's libOS stack (posix/sys/enter.S), or plain calls of
 * the handler.
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

#define EFT_PLAIN(stub, handler, ...)             \
	do {                                      \
		if (eft_attention())              \
			return stub(__VA_ARGS__); \
		return handler(__VA_ARGS__);      \
	} while (0)

/* The stub's reference to its handler is weak: one in a section that no file is
   linked from (SHF_EXCLUDE) has the linker bring it in. */
#define EFT_NAME_HANDLER(handler)                                        \
	__asm__ volatile(".pushsection .eft_needs, \"e\", @progbits\n\t" \
			 ".quad " #handler "\n\t.popsection")

#define EFT_STACK(stub, handler, ...)      \
	do {                               \
		EFT_NAME_HANDLER(handler); \
		return stub(__VA_ARGS__);  \
	} while (0)

#include "eft_syscall.h"

/*
 * Some calls are many. What most programs need of them is little, or what few
 * programs need is much: such parts are in files of their own, and a call whose
 * arguments say at compile time that it is one of them is a call of that
 * file's.
 */
struct eft_timespec;

/* futex(2), by its operation (posix/futex/futex.h). */
long eft_futex_plain(unsigned *word, int op, unsigned value);
long eft_futex_requeue(unsigned *word, int op, unsigned value,
		       const struct eft_timespec *timeout, unsigned *word2,
		       unsigned value3);
long eft_futex_pi(unsigned *word, int op, unsigned value,
		  const struct eft_timespec *timeout, unsigned *word2,
		  unsigned value3);
/* fcntl(2), F_GETFD to F_SETFL. */
long eft_fcntl_flags(int fd, int command, unsigned long arg);
/* ioctl(2), TIOCGWINSZ: what standard output is asked. */
long eft_ioctl_window(int fd, unsigned long request, void *arg);
/* mmap(2), MAP_ANONYMOUS. */
long eft_mmap_anonymous(unsigned long addr, unsigned long len, int prot,
			int flags);

/* arch_prctl(2), ARCH_SET_FS. */
long eft_set_fs(unsigned long addr);

__typeof__(eft_futex_plain) eft_call_futex_plain;
__typeof__(eft_futex_requeue) eft_call_futex_requeue;
__typeof__(eft_futex_pi) eft_call_futex_pi;
__typeof__(eft_fcntl_flags) eft_call_fcntl_flags;
__typeof__(eft_ioctl_window) eft_call_ioctl_window;
__typeof__(eft_mmap_anonymous) eft_call_mmap_anonymous;
__typeof__(eft_set_fs) eft_call_set_fs;

#define EFT_IS(n, number, condition)                 \
	(__builtin_constant_p(n) && (n) == number && \
	 __builtin_constant_p(condition) && (condition))

#define EFT_PART(part, ...) EFT_STACK(eft_call_##part, eft_##part, __VA_ARGS__)

#define EFT_FUTEX_IS(first, last) \
	EFT_IS(n, 202, ((b)&127) >= (first) && ((b)&127) <= (last))

EFT_INLINE long eft_call(long n, long a, long b, long c, long d, long e, long f)
{
	if (EFT_IS(n, 202, ((b)&127) <= 1 && (d) == 0))
		EFT_PART(futex_plain, (unsigned *)a, b, c);
	if (EFT_FUTEX_IS(3, 5))
		EFT_PART(futex_requeue, (unsigned *)a, b, c, (const void *)d,
			 (void *)e, f);
	if (EFT_FUTEX_IS(6, 8))
		EFT_PART(futex_pi, (unsigned *)a, b, c, (const void *)d,
			 (void *)e, f);
	if (EFT_IS(n, 72, (b) >= 1 && (b) <= 4))
		EFT_PART(fcntl_flags, a, b, c);
	if (EFT_IS(n, 158, (a) == 0x1002))
		EFT_PART(set_fs, b);
	if (EFT_IS(n, 16, (b) == 0x5413))
		EFT_PART(ioctl_window, a, b, (void *)c);
	if (EFT_IS(n, 9, (d)&0x20))
		EFT_PART(mmap_anonymous, a, b, c, d);
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
	return eft_call(n, a, b, 0, 0, 0, 0);
}

EFT_INLINE long __syscall3(long n, long a, long b, long c)
{
	return eft_call(n, a, b, c, 0, 0, 0);
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
	return eft_call(n, a, b, c, d, e, f);
}

#define IPC_64 0

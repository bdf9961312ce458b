// SPDX-License-Identifier: BSD-3-Clause
/*
 * Found before musl's src/internal/syscall.h: the same, but that a call which
 * is a cancellation point keeps its number constant, and so names its handler
 * too. It looks at the thread's note of a request (struct pthread's cancel)
 * before, and after it was interrupted. What it does then is in
 * src/thread/pthread_cancel.c, which is in an image that can be asked to
 * cancel: elsewhere nobody writes that note.
 */
#include_next "syscall.h"

#ifndef EFT_SYSCALL_CP
#define EFT_SYSCALL_CP

#include "eft_cancel.h"

/* The call is to be made: 0; else its result. May not return. */
long eft_cancel_before(long n) __attribute__((__weak__));
/* Its result, which was -EINTR. May not return. */
long eft_cancel_after(long n) __attribute__((__weak__));

#define EFT_CP(n, call)                                          \
	({                                                       \
		long r_ = 0;                                     \
		if (eft_cancel_asked())                          \
			r_ = eft_cancel_before(n);               \
		if (__builtin_expect(r_ == 0, 1))                \
			r_ = (call);                             \
		if (__builtin_expect(r_ == -4 /* EINTR */, 0) && \
		    eft_cancel_asked())                          \
			r_ = eft_cancel_after(n);                \
		r_;                                              \
	})

#undef __syscall_cp0
#undef __syscall_cp1
#undef __syscall_cp2
#undef __syscall_cp3
#undef __syscall_cp4
#undef __syscall_cp5
#undef __syscall_cp6
#define __syscall_cp0(n)		EFT_CP(n, __syscall0(n))
#define __syscall_cp1(n, a)		EFT_CP(n, __syscall1(n, a))
#define __syscall_cp2(n, a, b)		EFT_CP(n, __syscall2(n, a, b))
#define __syscall_cp3(n, a, b, c)	EFT_CP(n, __syscall3(n, a, b, c))
#define __syscall_cp4(n, a, b, c, d)	EFT_CP(n, __syscall4(n, a, b, c, d))
#define __syscall_cp5(n, a, b, c, d, e) EFT_CP(n, __syscall5(n, a, b, c, d, e))
#define __syscall_cp6(n, a, b, c, d, e, f) \
	EFT_CP(n, __syscall6(n, a, b, c, d, e, f))

/* By an inline function of the release's, with the macros before these. */
#undef __socketcall_cp
#define __socketcall_cp(name, a, b, c, d, e, f) \
	__syscall_cp(SYS_##name, a, b, c, d, e, f)

#endif

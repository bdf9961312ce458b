// SPDX-License-Identifier: BSD-3-Clause
/*
 * Cancellation, in place of the release's, which looks at where in its stub
 * the system call was interrupted. Here a call is a call: see syscall.h.
 *
 * A request is noted in self->cancel and announced by SIGCANCEL. Who is not at
 * a cancellation point looks at the note when it comes to one. Who is at one,
 * and has looked, sleeps or is about to: that sleep ends with -EINTR.
 */
#define _GNU_SOURCE
#include <stddef.h>

#include "pthread_impl.h"

_Static_assert(offsetof(struct pthread, cancel) == 60, "in syscall.h");

/* posix/signal/deliver.c */
void eft_interrupt_next_sleep(_Bool interrupt);

_Noreturn static void leave(void)
{
	eft_interrupt_next_sleep(0);
	pthread_exit(PTHREAD_CANCELED);
}

static long cancel(pthread_t self)
{
	if (self->canceldisable == PTHREAD_CANCEL_ENABLE || self->cancelasync)
		leave();
	self->canceldisable = PTHREAD_CANCEL_DISABLE;
	return -ECANCELED;
}

/* close() is a point only where nothing is masked: it has to have an end. */
long eft_cancel_before(long n)
{
	pthread_t self = __pthread_self();
	int state = self->canceldisable;

	if (state == PTHREAD_CANCEL_DISABLE || (state && n == SYS_close))
		return 0;
	return cancel(self);
}

long eft_cancel_after(long n)
{
	pthread_t self = __pthread_self();

	if (n == SYS_close || self->canceldisable == PTHREAD_CANCEL_DISABLE)
		return -EINTR;
	return cancel(self);
}

/*
 * The signal stays blocked in what it interrupted, and comes once more in what
 * that had interrupted, if anything: any of them may be at a point.
 */
static void handle(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *rsp = &uc->uc_mcontext.gregs[REG_RSP];
	pthread_t self = __pthread_self();

	a_barrier();
	if (!self->cancel || self->canceldisable == PTHREAD_CANCEL_DISABLE)
		return;
	uc->uc_sigmask.__bits[0] |= 1ul << (SIGCANCEL - 1);
	if (self->cancelasync) {
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)leave;
		*rsp = (*rsp & -16) - 8; /* as at a function's start */
		return;
	}
	__syscall(SYS_tkill, self->tid, SIGCANCEL);
	eft_interrupt_next_sleep(1);
}

void __testcancel(void)
{
	pthread_t self = __pthread_self();

	if (self->cancel && !self->canceldisable)
		cancel(self);
}

static void set_handler(void)
{
	struct sigaction action = {
		.sa_flags = SA_SIGINFO | SA_RESTART,
		.sa_sigaction = handle,
	};

	memset(&action.sa_mask, -1, _NSIG / 8);
	__libc_sigaction(SIGCANCEL, &action, 0);
}

int pthread_cancel(pthread_t thread)
{
	static volatile int is_set;

	if (!is_set) {
		set_handler();
		is_set = 1;
	}
	/* Once is enough; signals that it does not take would fill the queue. */
	if (a_swap(&thread->cancel, 1) && thread != pthread_self())
		return 0;
	if (thread != pthread_self())
		return pthread_kill(thread, SIGCANCEL);
	if (thread->canceldisable == PTHREAD_CANCEL_ENABLE &&
	    thread->cancelasync)
		leave();
	return 0;
}

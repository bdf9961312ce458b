// SPDX-License-Identifier: BSD-3-Clause
/*
 * The context of a handler: what it says, what a handler may change; and
 * leaving a handler by a jump.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>
#include <unistd.h>

#include "tap.h"

static sigset_t inside;
static ucontext_t *seen;
static uintptr_t context_sp, local_sp;
static int runs;

static void look(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signal;
	(void)info;
	runs++;
	seen = uc;
	inside = uc->uc_sigmask;
	context_sp = (uintptr_t)uc->uc_mcontext.gregs[REG_RSP];
	local_sp = (uintptr_t)&uc;
}

static void let_through(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signal;
	(void)info;
	runs++;
	sigdelset(&uc->uc_sigmask, SIGUSR2);
	sigaddset(&uc->uc_sigmask, SIGHUP);
}

static void set(int signal, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = SA_SIGINFO};

	need(sigaction(signal, &action, NULL) == 0);
}

static int is_blocked(int signal)
{
	sigset_t now;

	need(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
	return sigismember(&now, signal);
}

static void saying(void)
{
	sigset_t mask;

	set(SIGUSR1, look);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	need(sigprocmask(SIG_BLOCK, &mask, NULL) == 0);
	kill(getpid(), SIGUSR1);
	ok(runs == 1 && seen != NULL, "a handler with a context");
	ok(sigismember(&inside, SIGUSR2) && !sigismember(&inside, SIGUSR1),
	   "uc_sigmask is the mask of what was interrupted");
	ok(context_sp > local_sp && context_sp - local_sp < 65536,
	   "its stack pointer is above the handler's");
}

static void changing(void)
{
	runs = 0;
	set(SIGUSR1, let_through);
	set(SIGUSR2, look);
	raise(SIGUSR2);
	kill(getpid(), SIGUSR1);
	ok(!is_blocked(SIGUSR2) && is_blocked(SIGHUP),
	   "what it writes to uc_sigmask is blocked afterwards");
	ok(runs == 2, "and what that lets through comes at once");
}

static sigjmp_buf back;
static jmp_buf plain;

static void jump(int signal)
{
	siglongjmp(back, signal);
}

static void jump_plainly(int signal)
{
	longjmp(plain, signal);
}

static void jumping(void)
{
	volatile int times = 0;

	signal(SIGALRM, jump);
	if (sigsetjmp(back, 1) == 0 || times < 10) {
		times++;
		kill(getpid(), SIGALRM);
	}
	ok(times == 10, "siglongjmp out of a handler, ten times");
	ok(!is_blocked(SIGALRM), "restores the mask");
	signal(SIGTERM, jump_plainly);
	if (setjmp(plain) == 0)
		kill(getpid(), SIGTERM);
	ok(is_blocked(SIGTERM), "longjmp leaves it as it was in the handler");
}

int main(void)
{
	saying();
	changing();
	jumping();
	return done();
}

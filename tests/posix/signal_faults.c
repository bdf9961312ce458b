// SPDX-License-Identifier: BSD-3-Clause
/*
 * Handlers of faults: what they are told, coming back by a jump, by return,
 * and on a stack of their own when the thread's is full.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "tap.h"

enum { PAGE = 4096, STACK_BYTES = 65536 };

static sigjmp_buf back;
static siginfo_t last;
static volatile uintptr_t last_rip, last_cr2;
static volatile int runs;
static char *page;
static volatile int zero;

static void jump(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	last = *info;
	last_rip = uc->uc_mcontext.gregs[REG_RIP];
	last_cr2 = uc->uc_mcontext.gregs[REG_CR2];
	runs++;
	siglongjmp(back, signal);
}

static void make_writable(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	runs++;
	mprotect((void *)((uintptr_t)info->si_addr & -PAGE), PAGE,
		 PROT_READ | PROT_WRITE);
}

static void set(int signal, void (*handler)(int, siginfo_t *, void *),
		int flags)
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = SA_SIGINFO | flags};

	need(sigaction(signal, &action, NULL) == 0);
}

/* Sums that live in vector registers across the fault. */
static double write_to(volatile char *where, double a, double b)
{
	double product = a * b;

	*where = 1;
	return product + a;
}

static void unmapped(void)
{
	set(SIGSEGV, jump, 0);
	if (sigsetjmp(back, 1) == 0)
		*(volatile int *)16 = 1;
	ok(runs == 1 && last.si_signo == SIGSEGV, "a write to nowhere");
	ok(last.si_code == SEGV_MAPERR && last.si_addr == (void *)16,
	   "siginfo says where, and that nothing is there");
	ok(last_cr2 == 16 && last_rip != 0, "and so does the context");
	for (volatile int i = 0; i < 100; i++)
		if (sigsetjmp(back, 1) == 0)
			*(volatile int *)16 = 1;
	ok(runs == 101, "a hundred times more");
}

static void guarded(void)
{
	double result;

	page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(page != MAP_FAILED);
	if (sigsetjmp(back, 1) == 0)
		page[8] = 1;
	ok(last.si_code == SEGV_ACCERR && last.si_addr == page + 8,
	   "a write to what is read only");
	set(SIGSEGV, make_writable, 0);
	runs = 0;
	result = write_to(page, 3.0, 5.0);
	ok(runs == 1 && page[0] == 1, "a handler that returns: tried again");
	ok(result == 18.0, "with all registers as they were");
	set(SIGSEGV, jump, 0);
	if (sigsetjmp(back, 1) == 0)
		*(volatile char *)"text" = 1;
	ok(last.si_code == SEGV_ACCERR, "a write to a constant");
}

static void others(void)
{
	set(SIGFPE, jump, 0);
	set(SIGILL, jump, 0);
	if (sigsetjmp(back, 1) == 0)
		zero = 100 / zero;
	ok(last.si_signo == SIGFPE && last.si_code == FPE_INTDIV &&
		   (uintptr_t)last.si_addr == last_rip,
	   "a division by 0");
	if (sigsetjmp(back, 1) == 0)
		__builtin_trap();
	ok(last.si_signo == SIGILL && (uintptr_t)last.si_addr == last_rip,
	   "an illegal instruction");
}

static int overflow(int depth)
{
	volatile char frame[1024];

	frame[0] = (char)depth;
	if (depth < zero)
		return 0;
	return overflow(depth + 1) + frame[0];
}

static void *on_a_stack_of_its_own(void *arg)
{
	stack_t stack = {.ss_sp = arg, .ss_size = STACK_BYTES};

	need(sigaltstack(&stack, NULL) == 0);
	runs = 0;
	if (sigsetjmp(back, 1) == 0)
		overflow(0);
	if (sigsetjmp(back, 1) == 0)
		overflow(0);
	stack.ss_flags = SS_DISABLE;
	need(sigaltstack(&stack, NULL) == 0);
	return NULL;
}

int main(void)
{
	void *memory = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;

	need(memory != MAP_FAILED);
	unmapped();
	guarded();
	others();
	set(SIGSEGV, jump, SA_ONSTACK);
	on_a_stack_of_its_own(memory);
	ok(runs == 2, "a stack that is full, twice");
	need(pthread_create(&thread, NULL, on_a_stack_of_its_own, memory) == 0);
	need(pthread_join(thread, NULL) == 0);
	ok(runs == 2, "a thread's too");
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals where the program is not in its own text: gone to where no code is,
 * or in code that it has written itself.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "tap.h"

enum { PAGE = 4096 };

static sigjmp_buf target;
static siginfo_t caught;
static char data[64] = {'\xc3'}; /* ret */

static void leave(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	caught = *info;
	siglongjmp(target, 1);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *),
		   int flags)
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = SA_SIGINFO | flags};

	need(sigaction(signal, &action, NULL) == 0);
}

/* Call what is at (place): the signal that comes, and its details. */
static void call(void *place)
{
	void (*volatile function)(void) = (void (*)(void))place;

	memset(&caught, 0, sizeof(caught));
	if (sigsetjmp(target, 1) == 0)
		function();
}

static int is_fault(int signal, int code, const void *address)
{
	return caught.si_signo == signal && caught.si_code == code &&
	       caught.si_addr == address;
}

/* A page with (code), and no other rights than (prot). */
static void *page_with(const void *code, size_t size, int prot)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(page != MAP_FAILED);
	memcpy(page, code, size);
	need(mprotect(page, PAGE, prot) == 0);
	return page;
}

static void no_code(void)
{
	char on_stack[16] = {'\xc3'};
	void *page = page_with("\xc3", 1, PROT_READ | PROT_WRITE), *block;

	call(NULL);
	ok(is_fault(SIGSEGV, SEGV_MAPERR, NULL), "a call of NULL");
	call((void *)0x10);
	ok(is_fault(SIGSEGV, SEGV_MAPERR, (void *)0x10), "of what is near it");
	call(data);
	ok(is_fault(SIGSEGV, SEGV_ACCERR, data), "of data");
	call(on_stack);
	ok(is_fault(SIGSEGV, SEGV_ACCERR, on_stack), "of the stack");
	block = calloc(1, 64);
	call(block);
	ok(is_fault(SIGSEGV, SEGV_ACCERR, block), "of the heap");
	free(block);
	call(page);
	ok(is_fault(SIGSEGV, SEGV_ACCERR, page), "of memory to write");
	need(mprotect(page, PAGE, PROT_NONE) == 0);
	call(page);
	ok(is_fault(SIGSEGV, SEGV_ACCERR, page), "of forbidden memory");
	need(munmap(page, PAGE) == 0);
	call(page);
	ok(is_fault(SIGSEGV, SEGV_MAPERR, page),
	   "of memory that was given back");
	call((void *)(1ul << 63));
	ok(is_fault(SIGSEGV, SI_KERNEL, NULL), "of no address at all");
}

static void own_code(void)
{
	static const struct {
		const char *what, *code;
		size_t size;
		int signal, si_code;
		size_t at; /* si_addr, from the code's start; or it is NULL */
	} faults[] = {
		{"code of one's own: reads NULL", "\x31\xc0\x8b\x00\xc3", 5,
		 SIGSEGV, SEGV_MAPERR, SIZE_MAX},
		{"executes what is no instruction", "\x90\x0f\x0b", 3, SIGILL,
		 ILL_ILLOPN, 1},
		{"divides by 0", "\x31\xc9\x31\xd2\xf7\xf1\xc3", 7, SIGFPE,
		 FPE_INTDIV, 4},
		{"has a breakpoint", "\xcc\xc3", 2, SIGTRAP, SI_KERNEL,
		 SIZE_MAX},
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		char *page = page_with(faults[i].code, faults[i].size,
				       PROT_READ | PROT_EXEC);

		call(page);
		ok(is_fault(faults[i].signal, faults[i].si_code,
			    faults[i].at == SIZE_MAX ? NULL
						     : page + faults[i].at),
		   faults[i].what);
		need(munmap(page, PAGE) == 0);
	}
}

/* At a fault the handler may have the code go on elsewhere. */
static void skip(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signal;
	caught = *info;
	uc->uc_mcontext.gregs[REG_RIP] += 2;
	uc->uc_mcontext.gregs[REG_RAX] = 42;
}

static void goes_on(void)
{
	/* xor eax, eax; mov eax, [rax]; add eax, 1; ret */
	static const char code[] = "\x31\xc0\x8b\x00\x83\xc0\x01\xc3";
	int (*function)(void) = (int (*)(void))page_with(code, sizeof(code),
							 PROT_READ | PROT_EXEC);

	handle(SIGSEGV, skip, 0);
	ok(function() == 43, "a handler mends a fault in such code");
}

static volatile int stop;
static volatile sig_atomic_t runs;

static void count(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	if (++runs == 3)
		stop = 1;
}

/* cmp dword [rdi], 0; je -5; ret: waits for ever, and calls nothing */
static const char waits[] = "\x83\x3f\x00\x74\xfb\xc3";

static void (*make_waiting(void))(volatile int *)
{
	return (void (*)(volatile int *))page_with(waits, sizeof(waits),
						   PROT_READ | PROT_EXEC);
}

static void interrupted(void)
{
	struct itimerval often = {{0, 2000}, {0, 2000}}, never = {0};

	handle(SIGALRM, count, SA_RESTART);
	need(setitimer(ITIMER_REAL, &often, NULL) == 0);
	make_waiting()(&stop);
	need(setitimer(ITIMER_REAL, &never, NULL) == 0);
	ok(runs >= 3, "a timer's handler runs in the midst of such code");
}

static void *run_waiting(void *arg)
{
	make_waiting()(&stop);
	return arg;
}

static void preempted(void)
{
	pthread_t thread;

	stop = 0;
	need(pthread_create(&thread, NULL, run_waiting, NULL) == 0);
	usleep(10000);
	stop = 1;
	need(pthread_join(thread, NULL) == 0);
	ok(1, "and other threads get their turn");
	stop = runs = 0;
	need(pthread_create(&thread, NULL, run_waiting, NULL) == 0);
	for (int i = 1; i <= 3; i++) {
		need(pthread_kill(thread, SIGALRM) == 0);
		while (runs < i)
			usleep(1000);
	}
	need(pthread_join(thread, NULL) == 0);
	ok(runs == 3, "another thread's signal finds it there");
}

int main(void)
{
	static char stack[64 << 10];
	stack_t other = {.ss_sp = stack, .ss_size = sizeof(stack)};

	for (int i = 0; i < 2; i++) {
		int flags = i == 0 ? 0 : SA_ONSTACK;

		if (i == 1) {
			need(sigaltstack(&other, NULL) == 0);
			ok(1, "the same on a stack for handlers");
		}
		handle(SIGSEGV, leave, flags);
		handle(SIGILL, leave, flags);
		handle(SIGFPE, leave, flags);
		handle(SIGTRAP, leave, flags);
		no_code();
		own_code();
	}
	goes_on();
	interrupted();
	preempted();
	return done();
}

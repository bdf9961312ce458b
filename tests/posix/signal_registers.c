// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a handler finds interrupted goes on as it was: each register, those of
 * vectors, and the red zone below the stack pointer. At a fault, which is at
 * one place, and wherever a computation happens to be.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>
#include <ucontext.h>

#include "registers.h"
#include "tap.h"

enum { ROUNDS = 50 };

/* A handler may use all of them. */
static void spoil(void)
{
	__asm__ volatile(
		".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, "
		"15\n\t"
		"pcmpeqb %%xmm\\n, %%xmm\\n\n\t"
		".endr\n\t"
		"or $-1, %%rax\n\tmov %%rax, %%rcx\n\tmov %%rax, %%rdx\n\t"
		"mov %%rax, %%rsi\n\tmov %%rax, %%rdi\n\tmov %%rax, %%r8\n\t"
		"mov %%rax, %%r9\n\tmov %%rax, %%r10\n\tmov %%rax, %%r11\n\t"
		"mov %%rax, %%rbx\n\tmov %%rax, %%r12\n\tmov %%rax, %%r13\n\t"
		"mov %%rax, %%r14\n\tmov %%rax, %%r15" ::
			: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10",
			  "r11", "rbx", "r12", "r13", "r14", "r15", "xmm0",
			  "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
			  "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
			  "xmm13", "xmm14", "xmm15");
}

static void handler(int signal, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)info;
	if (signal == SIGILL)
		c->uc_mcontext.gregs[REG_RIP] += 2; /* past the UD2 */
	spoil();
	came++;
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = SA_SIGINFO};
	struct itimerval timer = {{0, 1000}, {0, 1000}};

	need(sigaction(SIGILL, &action, NULL) == 0);
	need(sigaction(SIGALRM, &action, NULL) == 0);
	registers_begin();
	load_and_store(0);
	ok(came == 1, "a fault's handler is called");
	registers_check("and each register is as it was", "and each vector",
			"and the red zone");
	registers_begin();
	wanted = came + ROUNDS;
	need(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	load_and_store(1);
	timer = (struct itimerval){{0, 0}, {0, 0}};
	need(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	ok(came >= wanted, "a timer's handler is called again and again");
	registers_check("while each register stays as it was",
			"and each vector", "and the red zone");
	return done();
}

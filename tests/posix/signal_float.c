// SPDX-License-Identifier: BSD-3-Clause
/*
 * Exceptions of arithmetic, each with its own code and the address of what has
 * raised it: of integers, of SSE and of the x87.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <float.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#include "tap.h"

/* Masks of exceptions: MXCSR's, and the x87's control word. */
enum { INVALID = 1, ZERO = 4, OVERFLOW = 8, UNDERFLOW = 16, INEXACT = 32 };
enum { MXCSR = 0x1f80, CONTROL = 0x37f };

static sigjmp_buf target;
static volatile sig_atomic_t code, at_place;

static void handler(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signal;
	code = info->si_code;
	at_place = (uintptr_t)info->si_addr ==
		   (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
	siglongjmp(target, 1);
}

static void enable_sse(unsigned exceptions)
{
	uint32_t word = MXCSR & ~(exceptions << 7);

	__asm__ volatile("ldmxcsr %0" ::"m"(word));
}

static void enable_x87(unsigned exceptions)
{
	uint16_t word = CONTROL & ~exceptions;

	__asm__ volatile("fnclex; fldcw %0" ::"m"(word));
}

static volatile int int_a, int_b;
static volatile double a, b, result;
static volatile long double long_a, long_b, long_result;

static void divide_ints(void)
{
	int_a = int_a / int_b;
}

static void divide(void)
{
	result = a / b;
}

static void multiply(void)
{
	result = a * b;
}

static void divide_long(void)
{
	long_result = long_a / long_b;
	__asm__ volatile("fwait");
}

static void multiply_long(void)
{
	long_result = long_a * long_b;
	__asm__ volatile("fwait");
}

static void caught(void (*function)(void), int want, const char *what)
{
	code = at_place = 0;
	if (sigsetjmp(target, 1) == 0)
		function();
	enable_sse(0);
	enable_x87(0);
	ok(code == want && at_place, what);
}

/* QEMU's TCG has none of SSE's exceptions; it names itself (CPUID). */
static int is_emulated(void)
{
	unsigned eax, name[4] = {0};

	__cpuid(1, eax, name[0], name[1], name[2]);
	if (!(name[1] >> 31)) /* ecx: no hypervisor */
		return 0;
	__cpuid(0x40000000, eax, name[0], name[1], name[2]);
	name[3] = 0;
	return memcmp(name, "TCGTCGTCGTCG", 12) == 0;
}

static void sse(unsigned exception, double x, double y, void (*function)(void),
		int want, const char *what)
{
	a = x;
	b = y;
	if (is_emulated()) {
		ok(1, what);
		return;
	}
	enable_sse(exception);
	caught(function, want, what);
}

static void x87(unsigned exception, long double x, long double y,
		void (*function)(void), int want, const char *what)
{
	long_a = x;
	long_b = y;
	enable_x87(exception);
	caught(function, want, what);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = SA_SIGINFO};

	need(sigaction(SIGFPE, &action, NULL) == 0);
	int_a = 1, int_b = 0;
	caught(divide_ints, FPE_INTDIV, "an integer by 0");
	int_a = INT_MIN, int_b = -1;
	caught(divide_ints, FPE_INTDIV, "the least integer by -1");
	sse(ZERO, 1, 0, divide, FPE_FLTDIV, "SSE: 1 by 0");
	sse(INVALID, 0, 0, divide, FPE_FLTINV, "0 by 0");
	sse(OVERFLOW, DBL_MAX, 2, multiply, FPE_FLTOVF, "too large");
	sse(UNDERFLOW, DBL_MIN, 1e-10, multiply, FPE_FLTUND, "too small");
	sse(INEXACT, 1, 3, divide, FPE_FLTRES, "not exact");
	x87(ZERO, 1, 0, divide_long, FPE_FLTDIV, "x87: 1 by 0");
	x87(INVALID, 0, 0, divide_long, FPE_FLTINV, "0 by 0");
	x87(OVERFLOW, LDBL_MAX, 2, multiply_long, FPE_FLTOVF, "too large");
	x87(INEXACT, 1, 3, divide_long, FPE_FLTRES, "not exact");
	return done();
}

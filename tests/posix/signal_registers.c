// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a handler finds interrupted goes on as it was: each register, those of
 * vectors, and the red zone below the stack pointer. At a fault, which is at
 * one place, and wherever a computation happens to be.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include <ucontext.h>

#include "tap.h"

enum { GENERAL = 14, VECTORS = 16, RED = 16, ROUNDS = 50 };

/* In the order of their loads: rax and the stack pointer are left out. */
struct state {
	uint64_t general[GENERAL]; /* rbx rcx rdx rsi rdi rbp r8 … r15 */
	uint64_t red[RED];	   /* the word at rsp - 8 first */
	uint64_t vectors[VECTORS][2];
};

static struct state before, after;
static volatile int wanted, came;

/*
 * Load `before`; if rdi is 0, fault, or else wait until (came) is as large as
 * (wanted); store `after`.
 */
void load_and_store(uint64_t how);
__asm__(".text\n"
	".type load_and_store, @function\n"
	"load_and_store:\n\t"
	"push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\t"
	"push %r14\n\tpush %r15\n\t"
	"mov %rdi, %rax\n\t"
	"lea before(%rip), %rsi\n\t"
	"lea -128(%rsp), %rdi\n\t"
	"mov $15, %ecx\n"
	"1:\tmov 112(%rsi), %rbx\n\t"
	"mov %rbx, (%rdi,%rcx,8)\n\t"
	"add $8, %rsi\n\t"
	"dec %ecx\n\tjns 1b\n\t"
	".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
	"movups before + 240 + 16 * \\n(%rip), %xmm\\n\n\t"
	".endr\n\t"
	"mov before(%rip), %rbx\n\tmov before + 8(%rip), %rcx\n\t"
	"mov before + 16(%rip), %rdx\n\tmov before + 24(%rip), %rsi\n\t"
	"mov before + 32(%rip), %rdi\n\tmov before + 40(%rip), %rbp\n\t"
	".irp n, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
	"mov before + 48 + 8 * (\\n - 8)(%rip), %r\\n\n\t"
	".endr\n\t"
	"test %rax, %rax\n\tjnz 2f\n\t"
	"ud2\n\tjmp 3f\n"
	"2:\tmov wanted(%rip), %eax\n\t"
	"cmp %eax, came(%rip)\n\tjl 2b\n"
	"3:\tmov %rbx, after(%rip)\n\tmov %rcx, after + 8(%rip)\n\t"
	"mov %rdx, after + 16(%rip)\n\tmov %rsi, after + 24(%rip)\n\t"
	"mov %rdi, after + 32(%rip)\n\tmov %rbp, after + 40(%rip)\n\t"
	".irp n, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
	"mov %r\\n, after + 48 + 8 * (\\n - 8)(%rip)\n\t"
	".endr\n\t"
	".irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\t"
	"movups %xmm\\n, after + 240 + 16 * \\n(%rip)\n\t"
	".endr\n\t"
	"lea after(%rip), %rsi\n\t"
	"lea -128(%rsp), %rdi\n\t"
	"mov $15, %ecx\n"
	"4:\tmov (%rdi,%rcx,8), %rbx\n\t"
	"mov %rbx, 112(%rsi)\n\t"
	"add $8, %rsi\n\t"
	"dec %ecx\n\tjns 4b\n\t"
	"pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\t"
	"pop %rbp\n\tpop %rbx\n\t"
	"ret\n"
	".size load_and_store, . - load_and_store\n");

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

static void check(const char *registers, const char *vectors, const char *red)
{
	static const char *const names[GENERAL] = {
		"rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
		"r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

	for (int i = 0; i < GENERAL; i++) {
		if (before.general[i] != after.general[i])
			printf("# %s is another\n", names[i]);
	}
	ok(!memcmp(before.general, after.general, sizeof(before.general)),
	   registers);
	ok(!memcmp(before.vectors, after.vectors, sizeof(before.vectors)),
	   vectors);
	ok(!memcmp(before.red, after.red, sizeof(before.red)), red);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = SA_SIGINFO};
	struct itimerval timer = {{0, 1000}, {0, 1000}};
	uint64_t *words = (uint64_t *)&before;

	for (size_t i = 0; i < sizeof(before) / sizeof(*words); i++)
		words[i] = (i + 1) * 0x9e3779b97f4a7c15;
	need(sigaction(SIGILL, &action, NULL) == 0);
	need(sigaction(SIGALRM, &action, NULL) == 0);
	load_and_store(0);
	ok(came == 1, "a fault's handler is called");
	check("and each register is as it was", "and each vector",
	      "and the red zone");
	memset(&after, 0, sizeof(after));
	wanted = came + ROUNDS;
	need(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	load_and_store(1);
	timer = (struct itimerval){{0, 0}, {0, 0}};
	need(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	ok(came >= wanted, "a timer's handler is called again and again");
	check("while each register stays as it was", "and each vector",
	      "and the red zone");
	return done();
}

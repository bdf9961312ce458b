// SPDX-License-Identifier: BSD-3-Clause
/*
 * sigaltstack: handlers on a stack of their own.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

enum { BYTES = 65536 };

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

static char *memory;
static int on_it, flags_inside, denied, armed_inside;
static sigjmp_buf back;

static int within(const void *here)
{
	return (uintptr_t)here - (uintptr_t)memory < BYTES;
}

static void look(int signal)
{
	char here;
	stack_t now, other = {.ss_flags = SS_DISABLE};

	(void)signal;
	on_it = within(&here);
	sigaltstack(NULL, &now);
	flags_inside = now.ss_flags;
	armed_inside = now.ss_sp == memory;
	errno = 0;
	denied = sigaltstack(&other, NULL) < 0 && errno == EPERM;
}

static void jump(int signal)
{
	siglongjmp(back, signal);
}

static void set(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	need(sigaction(signal, &action, NULL) == 0);
}

static void asking(void)
{
	stack_t now;

	ok(sigaltstack(NULL, &now) == 0 && now.ss_flags == SS_DISABLE,
	   "there is none at first");
	fails(sigaltstack(&(stack_t){.ss_sp = memory, .ss_size = 1024}, NULL),
	      ENOMEM, "one too small");
	fails(sigaltstack(&(stack_t){.ss_sp = memory,
				     .ss_size = BYTES,
				     .ss_flags = 77},
			  NULL),
	      EINVAL, "flags that are none");
}

static void in_use(void)
{
	stack_t stack = {.ss_sp = memory, .ss_size = BYTES}, now;

	ok(sigaltstack(&stack, NULL) == 0, "sigaltstack");
	need(sigaltstack(NULL, &now) == 0);
	ok(now.ss_sp == memory && now.ss_size == BYTES && now.ss_flags == 0,
	   "it is kept");
	set(SIGUSR1, look, SA_ONSTACK);
	raise(SIGUSR1);
	ok(on_it, "an SA_ONSTACK handler runs there");
	ok(flags_inside == SS_ONSTACK, "and sees SS_ONSTACK");
	ok(denied, "and may not change it");
	set(SIGUSR1, look, 0);
	raise(SIGUSR1);
	ok(!on_it && flags_inside == 0 && !denied,
	   "another one does not, and may");
}

static void leaving(void)
{
	stack_t stack = {.ss_sp = memory, .ss_size = BYTES}, now;

	need(sigaltstack(&stack, NULL) == 0);
	set(SIGUSR2, jump, SA_ONSTACK);
	for (volatile int i = 0; i < 100; i++)
		if (sigsetjmp(back, 1) == 0)
			raise(SIGUSR2);
	need(sigaltstack(NULL, &now) == 0);
	ok(now.ss_flags == 0, "a jump leaves it, a hundred times");
}

static void disarming(void)
{
	stack_t stack = {.ss_sp = memory,
			 .ss_size = BYTES,
			 .ss_flags = (int)SS_AUTODISARM},
		now;

	need(sigaltstack(&stack, NULL) == 0);
	set(SIGUSR1, look, SA_ONSTACK);
	raise(SIGUSR1);
	ok(on_it && !armed_inside && flags_inside == SS_DISABLE,
	   "SS_AUTODISARM: none while the handler runs");
	need(sigaltstack(NULL, &now) == 0);
	ok(now.ss_sp == memory && now.ss_flags == (int)SS_AUTODISARM,
	   "and there again afterwards");
	set(SIGUSR1, look, 0);
	raise(SIGUSR1);
	ok(!on_it && flags_inside == SS_DISABLE,
	   "nor while one runs that does not want it");
	set(SIGUSR1, look, SA_ONSTACK);
	stack.ss_flags = SS_DISABLE;
	ok(sigaltstack(&stack, &now) == 0 && now.ss_sp == memory, "taken away");
	raise(SIGUSR1);
	ok(!on_it, "the handler runs where the thread does");
}

static void *ask(void *arg)
{
	stack_t now;

	(void)arg;
	need(sigaltstack(NULL, &now) == 0);
	return (void *)(long)now.ss_flags;
}

static void by_thread(void)
{
	stack_t stack = {.ss_sp = memory, .ss_size = BYTES};
	pthread_t thread;
	void *flags;

	need(sigaltstack(&stack, NULL) == 0);
	need(pthread_create(&thread, NULL, ask, NULL) == 0);
	need(pthread_join(thread, &flags) == 0);
	ok((long)flags == SS_DISABLE, "a new thread has none");
}

int main(void)
{
	memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(memory != MAP_FAILED);
	asking();
	in_use();
	leaving();
	disarming();
	by_thread();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads of the host's: CPUs and helpers.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/arch/x86_64/switch.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

/* clone(2), include/uapi/linux/sched.h: a thread of this process. */
enum {
	CLONE_VM = 0x100,
	CLONE_FS = 0x200,
	CLONE_FILES = 0x400,
	CLONE_SIGHAND = 0x800,
	CLONE_THREAD = 0x10000,
	CLONE_SYSVSEM = 0x40000,
	CLONE_PARENT_SETTID = 0x100000,
	THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
		 CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID,
};

enum { SIG_SETMASK = 2 };

uint64_t eft_linuxu_set_signals(uint64_t wanted)
{
	uint64_t before = 0;

	eft_linux4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&wanted,
		   (long)&before, sizeof(wanted));
	return before;
}

void eft_linuxu_share_stack(void)
{
	enum { FAR_START = EFT_PAGE_SIZE, FAR_END = 2 * EFT_PAGE_SIZE };
	struct eft_thread *self = eft_current();

	if (!eft_linuxu_under_valgrind())
		return;
	if (eft_far_stack == 0)
		eft_linuxu_valgrind(EFT_VG_STACK_REGISTER, FAR_START,
				    FAR_END - 1);
	eft_far_stack = (FAR_START + FAR_END) / 2;
	eft_linuxu_valgrind(EFT_VG_STACK_REGISTER, FAR_END, UINTPTR_MAX);
	eft_switch(self, self);
}

/* The registers of arguments that it does not have carry them over. */
static long clone(void (*function)(void *), void *arg, uintptr_t stack_top,
		  int *ret_thread)
{
	register void *r8 __asm__("r8") = arg;
	register void (*r9)(void *) __asm__("r9") = function;
	long result;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r8, %%rdi\n\t"
			 "call *%%r9\n"
			 "1:"
			 : "=a"(result)
			 : "a"(SYS_clone), "D"(THREAD), "S"(stack_top),
			   "d"(ret_thread), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

long eft_linuxu_clone(void (*function)(void *arg), void *arg,
		      uintptr_t stack_top, int *ret_thread)
{
	long result = clone(function, arg, stack_top, ret_thread);

	if (eft_far_stack != 0)
		eft_linuxu_share_stack();
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * How a system call gets to its handler and back.
 *
 * Each stub eft_call_NAME (posix/gen.py) jumps to eft_enter with the handler in
 * eax and the call's number in r10d; the arguments are where a function has
 * them (System V ABI, x86-64, figure 3.4). They are noted on the caller's
 * stack, as a struct eft_call: a call may have to be made again. The handler
 * runs on the thread's libOS stack, which is empty whenever the program runs.
 *
 * Where something is up (eft_cpu.attention; also where valgrind has to see how
 * stacks change, stack_change.inc), or the result says that the call
 * was interrupted, enter.c goes on, on the caller's stack: handlers of signals
 * run with the libOS stack empty again.
 */
#include "core/arch/x86_64/offsets.h"
#include "core/arch/x86_64/stack_change.inc"
#include "core/arch/x86_64/unwind.inc"
#include "posix/sys/restart_codes.h"

#define CALL_BYTES 64	/* sizeof(struct eft_call) */

	.section .text.eft_enter, "ax", @progbits
	.globl	eft_enter
	.type	eft_enter, @function
eft_enter:
	.cfi_startproc
	.cfi_signal_frame	/* its caller is on another stack */
	push	%rbp
	mov	%rsp, %rbp
	.cfi_def_cfa rbp, 16
	.cfi_offset rbp, -16
	push	%rax
	push	%r10
	push	%r9
	push	%r8
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	cmpl	$0, %gs:EFT_CPU_ATTENTION
	jne	2f
	mov	%gs:EFT_CPU_THREAD, %r11
	mov	EFT_THREAD_STACK_TOP(%r11), %rsp
	mov	%rbp, EFT_CALLER_STACK(%rsp)
	call	*%rax
	cmpl	$0, %gs:EFT_CPU_ATTENTION
	jne	1f
	lea	EFT_RESTART_MAX(%rax), %rcx
	cmp	$EFT_RESTART_MAX - EFT_RESTART_MIN, %rcx
	jbe	1f
	mov	%rbp, %rsp
	pop	%rbp
	.cfi_remember_state
	.cfi_def_cfa rsp, 8
	.cfi_same_value rbp
	ret
	.cfi_restore_state
1:	lea	-CALL_BYTES(%rbp), %rdi
	mov	%rax, %rsi
	mov	%rdi, %rsp
	call	eft_call_leave
	leave
	.cfi_remember_state
	.cfi_def_cfa rsp, 8
	.cfi_same_value rbp
	ret
	.cfi_restore_state
2:	mov	%rsp, %rdi
	call	eft_call_attended
	leave
	.cfi_def_cfa rsp, 8
	.cfi_same_value rbp
	ret
	.cfi_endproc
	.size	eft_enter, . - eft_enter

/*
 * long eft_call_run(const struct eft_call *call)
 *
 * Make the call on the thread's libOS stack. The result is the handler's.
 */
	.section .text.eft_call_run, "ax", @progbits
	.globl	eft_call_run
	.type	eft_call_run, @function
eft_call_run:
	.cfi_startproc
	.cfi_signal_frame
	push	%rbp
	mov	%rsp, %rbp
	.cfi_def_cfa rbp, 16
	.cfi_offset rbp, -16
	mov	%rdi, %r10
	mov	(%r10), %rdi
	mov	8(%r10), %rsi
	mov	16(%r10), %rdx
	mov	24(%r10), %rcx
	mov	32(%r10), %r8
	mov	40(%r10), %r9
	mov	56(%r10), %rax
	mov	%gs:EFT_CPU_THREAD, %r11
	change_stack EFT_THREAD_STACK_TOP(%r11)
	mov	%rbp, EFT_CALLER_STACK(%rsp)
	call	*%rax
	change_stack_to %rbp, %r11
	pop	%rbp
	.cfi_def_cfa rsp, 8
	.cfi_same_value rbp
	ret
	.cfi_endproc
	.size	eft_call_run, . - eft_call_run

	.section .note.GNU-stack, "", @progbits

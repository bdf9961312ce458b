// SPDX-License-Identifier: BSD-3-Clause
/*
 * Context switch and the first step of a thread.
 */
#include "core/arch/x86_64/offsets.h"
#include "core/arch/x86_64/stack_change.inc"
#include "core/arch/x86_64/unwind.inc"

/*
 * void eft_switch(struct eft_thread *from, struct eft_thread *to)
 *
 * Save the caller's context in from->sp, go on in that of to->sp. Saves what
 * a function must preserve (System V ABI, x86-64, figure 3.4): rbx, rbp, r12
 * to r15, the x87 control word and MXCSR's control bits. All else is dead at
 * a call. The thread pointer is the caller's matter.
 */
	.section .text.eft_switch, "ax", @progbits
	.globl	eft_switch
	.type	eft_switch, @function
eft_switch:
	.cfi_startproc
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	sub	$8, %rsp
	.cfi_def_cfa rsp, 64
	.cfi_offset rbp, -16
	.cfi_offset rbx, -24
	.cfi_offset r12, -32
	.cfi_offset r13, -40
	.cfi_offset r14, -48
	.cfi_offset r15, -56
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	mov	%rsp, (%rdi)
	change_stack (%rsi)
	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	add	$8, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	.cfi_def_cfa rsp, 8
	.cfi_same_value rbp
	.cfi_same_value rbx
	.cfi_same_value r12
	.cfi_same_value r13
	.cfi_same_value r14
	.cfi_same_value r15
	ret
	.cfi_endproc
	.size	eft_switch, . - eft_switch

/*
 * Where eft_switch() returns to in a new thread: calls eft_thread_started(),
 * then the function in r12 with the argument in r13.
 */
	.section .text.eft_thread_trampoline, "ax", @progbits
	.globl	eft_thread_trampoline
	.type	eft_thread_trampoline, @function
eft_thread_trampoline:
	.cfi_startproc
	cfi_outermost
	xor	%ebp, %ebp
	call	eft_thread_started
	mov	%r13, %rdi
	call	*%r12
	call	eft_thread_exit
	ud2
	.cfi_endproc
	.size	eft_thread_trampoline, . - eft_thread_trampoline

/*
 * The same on a stack of the program's, whose top is in r14; the end is on the
 * libOS stack again.
 */
	.section .text.eft_clone_trampoline, "ax", @progbits
	.globl	eft_clone_trampoline
	.type	eft_clone_trampoline, @function
eft_clone_trampoline:
	.cfi_startproc
	cfi_outermost
	xor	%ebp, %ebp
	call	eft_thread_started
	mov	%r13, %rdi
	change_stack_to %r14, %rax
	call	*%r12
	mov	%gs:EFT_CPU_THREAD, %rax
	change_stack EFT_THREAD_STACK_TOP(%rax)
	call	eft_thread_exit
	ud2
	.cfi_endproc
	.size	eft_clone_trampoline, . - eft_clone_trampoline

/*
 * The same in a thread that is a program: jumps to r12 with the stack pointer
 * of r13, where argc lies. rdx is 0: no function for atexit (System V ABI,
 * x86-64, figure 3.9).
 */
	.section .text.eft_program_trampoline, "ax", @progbits
	.globl	eft_program_trampoline
	.type	eft_program_trampoline, @function
eft_program_trampoline:
	.cfi_startproc
	cfi_outermost
	xor	%ebp, %ebp
	call	eft_thread_started
	change_stack_to %r13, %rax
	xor	%edx, %edx
	jmp	*%r12
	.cfi_endproc
	.size	eft_program_trampoline, . - eft_program_trampoline

	.section .bss.eft_far_stack, "aw", @nobits
	.balign	8
	.globl	eft_far_stack
eft_far_stack:
	.skip	8

	.section .note.GNU-stack, "", @progbits

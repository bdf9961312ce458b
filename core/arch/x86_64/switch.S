// SPDX-License-Identifier: BSD-3-Clause
/*
 * Context switch and the first step of a thread.
 */

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
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	sub	$8, %rsp
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	mov	%rsp, (%rdi)
	mov	(%rsi), %rsp
	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	add	$8, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size	eft_switch, . - eft_switch

/*
 * Where eft_switch() returns to in a new thread: calls eft_thread_started(),
 * then the function in r12 with the argument in r13.
 */
	.section .text.eft_thread_trampoline, "ax", @progbits
	.globl	eft_thread_trampoline
	.type	eft_thread_trampoline, @function
eft_thread_trampoline:
	xor	%ebp, %ebp
	call	eft_thread_started
	mov	%r13, %rdi
	call	*%r12
	call	eft_thread_exit
	ud2
	.size	eft_thread_trampoline, . - eft_thread_trampoline

/*
 * The same in a thread that is a program: jumps to r12 with the stack pointer
 * of r13, where argc lies. rdx is 0: no function for atexit (System V ABI,
 * x86-64, figure 3.9).
 */
	.section .text.eft_program_trampoline, "ax", @progbits
	.globl	eft_program_trampoline
	.type	eft_program_trampoline, @function
eft_program_trampoline:
	xor	%ebp, %ebp
	call	eft_thread_started
	mov	%r13, %rsp
	xor	%edx, %edx
	jmp	*%r12
	.size	eft_program_trampoline, . - eft_program_trampoline

	.section .note.GNU-stack, "", @progbits

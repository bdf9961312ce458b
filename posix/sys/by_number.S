// SPDX-License-Identifier: BSD-3-Clause
/*
 * long eft_syscall_by_number(long n, long a, long b, long c, long d, long e,
 *			      long f)
 *
 * System calls whose number is known at run time only: syscall(2). It names the
 * whole table, so that only a program that calls it carries that; and so all of
 * futex(2) (by_number.c).
 */
	.section .text.eft_syscall_by_number, "ax", @progbits
	.globl	eft_syscall_by_number
	.type	eft_syscall_by_number, @function
eft_syscall_by_number:
	.cfi_startproc
	.reloc	., R_X86_64_NONE, eft_futex_parts
	mov	eft_syscall_count(%rip), %eax
	cmp	%rax, %rdi
	jae	1f
	mov	eft_syscalls(,%rdi,8), %rax
	test	%rax, %rax
	jz	1f
	mov	%rdi, %r10
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	mov	%r8, %rcx
	mov	%r9, %r8
	mov	8(%rsp), %r9
	jmp	eft_enter
1:	jmp	eft_syscall_unknown
	.cfi_endproc
	.size	eft_syscall_by_number, . - eft_syscall_by_number

	.section .note.GNU-stack, "", @progbits

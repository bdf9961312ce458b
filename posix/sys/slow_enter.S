// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where each eft_slow_NAME goes (posix/gen.py), with its handler in eax and its
 * number in r10d: the arguments' registers become eft_syscall_slow()'s array.
 * They stay as they came: who traces looks at them after the call.
 */
	.section .text.eft_slow_enter, "ax", @progbits
	.globl	eft_slow_enter
	.type	eft_slow_enter, @function
eft_slow_enter:
	push	%rbp
	mov	%rsp, %rbp
	push	%r9
	push	%r8
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	mov	%eax, %edi
	mov	%r10d, %esi
	mov	%rsp, %rdx
	call	eft_syscall_slow
	leave
	ret
	.size	eft_slow_enter, . - eft_slow_enter

	.section .note.GNU-stack, "", @progbits

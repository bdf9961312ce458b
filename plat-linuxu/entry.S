// SPDX-License-Identifier: BSD-3-Clause
/*
 * A process begins here (from core's eft_start): rsp points at argc, and all
 * else is undefined (System V ABI, x86-64, §3.4.1).
 */
#include "core/arch/x86_64/unwind.inc"

	.section .text.eft_linuxu_entry, "ax", @progbits
	.globl	eft_linuxu_entry
	.type	eft_linuxu_entry, @function
eft_linuxu_entry:
	.cfi_startproc
	cfi_outermost
	xor	%ebp, %ebp
	mov	%rsp, %rdi
	and	$-16, %rsp
	call	eft_linuxu_start
	ud2
	.cfi_endproc
	.size	eft_linuxu_entry, . - eft_linuxu_entry

/* Where a signal handler returns to: rt_sigreturn(2), number 15. */
	.section .text.eft_linuxu_sigreturn, "ax", @progbits
	.cfi_startproc
	cfi_interrupted_context BASE_RSP
	nop			/* unwinders look before the return address */
	.globl	eft_linuxu_sigreturn
	.type	eft_linuxu_sigreturn, @function
eft_linuxu_sigreturn:
	mov	$15, %eax
	syscall
	ud2
	.cfi_endproc
	.size	eft_linuxu_sigreturn, . - eft_linuxu_sigreturn

	.section .note.GNU-stack, "", @progbits

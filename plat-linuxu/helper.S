// SPDX-License-Identifier: BSD-3-Clause
/*
 * A helper's call of the host's, which can be stopped at any time.
 */
#include "core/arch/x86_64/unwind.inc"

/*
 * long eft_linuxu_helper_call(const uint32_t *stop, long number,
 *			       const long args[6])
 *
 * Unless *stop is set: make the call (System V ABI, x86-64, appendix A.2.1).
 * A signal that comes between the two is told by the window's labels, and goes
 * on at eft_linuxu_helper_stopped, as who finds *stop set does: -513, which is
 * no result of a call (ERESTARTNOINTR, Linux include/linux/errno.h).
 */
	.section .text.eft_linuxu_helper_call, "ax", @progbits
	.globl	eft_linuxu_helper_call
	.globl	eft_linuxu_helper_window
	.globl	eft_linuxu_helper_window_end
	.globl	eft_linuxu_helper_stopped
	.type	eft_linuxu_helper_call, @function
eft_linuxu_helper_call:
	.cfi_startproc
	mov	%rsi, %rax
	mov	%rdi, %r11
	mov	%rdx, %rcx
	mov	(%rcx), %rdi
	mov	8(%rcx), %rsi
	mov	16(%rcx), %rdx
	mov	24(%rcx), %r10
	mov	32(%rcx), %r8
	mov	40(%rcx), %r9
eft_linuxu_helper_window:
	cmpl	$0, (%r11)
	jne	eft_linuxu_helper_stopped
	syscall
eft_linuxu_helper_window_end:
	ret
eft_linuxu_helper_stopped:
	mov	$-513, %rax
	ret
	.cfi_endproc
	.size	eft_linuxu_helper_call, . - eft_linuxu_helper_call

	.section .note.GNU-stack, "", @progbits

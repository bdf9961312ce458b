// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where an interrupted thread goes on that another is to run instead of:
 * eft_divert_to_yield() in switch.h. On its own stack is what IRET loads (SDM
 * vol. 2), then the red zone. Saves every register, calls eft_yield(), and goes
 * on where it was. The x87 registers are empty for whoever runs, as at any call.
 */
#include "core/arch/x86_64/unwind.inc"

#define RED_ZONE 128

	.section .text.eft_yield_entry, "ax", @progbits
	.globl	eft_yield_entry
	.type	eft_yield_entry, @function
eft_yield_entry:
	.cfi_startproc
	.cfi_signal_frame
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rbp
	mov	%rsp, %rbp
	.cfi_def_cfa rbp, 15 * 8 + RED_ZONE
	.cfi_rel_offset rbp, 0
	.cfi_rel_offset r11, 8
	.cfi_rel_offset r10, 16
	.cfi_rel_offset r9, 24
	.cfi_rel_offset r8, 32
	.cfi_rel_offset rdi, 40
	.cfi_rel_offset rsi, 48
	.cfi_rel_offset rdx, 56
	.cfi_rel_offset rcx, 64
	.cfi_rel_offset rax, 72
	.cfi_rel_offset rip, 80
	sub	eft_xsave_bytes(%rip), %rsp
	and	$-64, %rsp
	cld
	cmpl	$0, eft_xsave_bytes(%rip)
	je	1f
	xor	%eax, %eax	/* the header (SDM vol. 1 §13.4.2) must be 0 */
	lea	512(%rsp), %rdi
	mov	$8, %ecx
	rep stosq
	mov	eft_xsave_features(%rip), %eax
	mov	eft_xsave_features + 4(%rip), %edx
	xsave64	(%rsp)
	fninit
	call	eft_yield
	mov	eft_xsave_features(%rip), %eax
	mov	eft_xsave_features + 4(%rip), %edx
	xrstor64 (%rsp)
	jmp	2f
1:	sub	$512, %rsp
	fxsave64 (%rsp)
	fninit
	call	eft_yield
	fxrstor64 (%rsp)
2:	mov	%rbp, %rsp
	pop	%rbp
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	iretq
	.cfi_endproc
	.size	eft_yield_entry, . - eft_yield_entry

	.section .data.eft_xsave, "aw", @progbits
	.balign	8
	.globl	eft_xsave_bytes, eft_xsave_features
eft_xsave_bytes:
	.quad	0
eft_xsave_features:
	.quad	-1

	.section .note.GNU-stack, "", @progbits

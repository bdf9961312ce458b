// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where a thread goes on that an interrupt or a fault has diverted:
 * eft_divert() in switch.h. On its libOS stack are the function to call, and
 * above it what IRET loads (SDM vol. 2). Saves every register, calls that, and
 * goes on where the thread was. The x87 registers are empty for whoever runs,
 * as at any call.
 */
#include "core/arch/x86_64/unwind.inc"

	.section .text.eft_divert_entry, "ax", @progbits
	.globl	eft_divert_entry
	.type	eft_divert_entry, @function
eft_divert_entry:
	.cfi_startproc
	cfi_processor_frame 8
	push_register rax
	push_register rcx
	push_register rdx
	push_register rsi
	push_register rdi
	push_register r8
	push_register r9
	push_register r10
	push_register r11
	push_register rbp
	mov	%rsp, %rbp
	.cfi_def_cfa_register rbp
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
	call	*80(%rbp)
	mov	eft_xsave_features(%rip), %eax
	mov	eft_xsave_features + 4(%rip), %edx
	xrstor64 (%rsp)
	jmp	2f
1:	sub	$512, %rsp
	fxsave64 (%rsp)
	fninit
	call	*80(%rbp)
	fxrstor64 (%rsp)
2:	mov	%rbp, %rsp
	.cfi_def_cfa_register rsp
	pop_register rbp
	pop_register r11
	pop_register r10
	pop_register r9
	pop_register r8
	pop_register rdi
	pop_register rsi
	pop_register rdx
	pop_register rcx
	pop_register rax
	add	$8, %rsp
	.cfi_adjust_cfa_offset -8
	iretq
	.cfi_endproc
	.size	eft_divert_entry, . - eft_divert_entry

	.section .data.eft_xsave, "aw", @progbits
	.balign	8
	.globl	eft_xsave_bytes, eft_xsave_features
eft_xsave_bytes:
	.quad	0
eft_xsave_features:
	.quad	-1

	.section .note.GNU-stack, "", @progbits

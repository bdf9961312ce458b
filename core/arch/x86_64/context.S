// SPDX-License-Identifier: BSD-3-Clause
/*
 * A thread's context, saved to memory and restored from there: context.h.
 */
#include "core/arch/x86_64/offsets.h"
#include "core/arch/x86_64/stack_change.inc"
#include "core/arch/x86_64/unwind.inc"

#define R8	40	/* struct eft_context */
#define R9	48
#define R10	56
#define R11	64
#define R12	72
#define R13	80
#define R14	88
#define R15	96
#define RDI	104
#define RSI	112
#define RBP	120
#define RBX	128
#define RDX	136
#define RAX	144
#define RCX	152
#define RSP	160
#define RIP	168
#define RFLAGS	176
#define ERROR	192	/* of no use any more, and so free to be written */
#define VECTORS	224
#define BYTES	424	/* and 8: a multiple of 16 */

#define XSAVE	1	/* of the flags, the first word */
#define LIVE	2
#define FXSAVE_BYTES 512

/* A handler may change CF, PF, AF, ZF, SF, DF and OF. */
#define USER_FLAGS 0xcd5

/* Set [rsp, rsp + bytes) to 0; uses rax, rcx and rdi. */
	.macro	clear bytes
	mov	%rsp, %rdi
	xor	%eax, %eax
	mov	$(\bytes) / 8, %ecx
	rep stosq
	.endm

	.section .text.eft_context_call, "ax", @progbits
	.globl	eft_context_call
	.type	eft_context_call, @function
eft_context_call:
	.cfi_startproc
	push	%rbp
	mov	%rsp, %rbp
	.cfi_def_cfa rbp, 16
	.cfi_offset rbp, -16
	push	%rdi
	push	%rsi
	sub	$FXSAVE_BYTES + BYTES + 8, %rsp
	and	$-16, %rsp
	clear	FXSAVE_BYTES + BYTES + 8
	mov	%rbx, RBX(%rsp)
	mov	%r12, R12(%rsp)
	mov	%r13, R13(%rsp)
	mov	%r14, R14(%rsp)
	mov	%r15, R15(%rsp)
	mov	(%rbp), %rax
	mov	%rax, RBP(%rsp)
	mov	8(%rbp), %rax
	mov	%rax, RIP(%rsp)
	lea	16(%rbp), %rax
	mov	%rax, RSP(%rsp)
	pushfq
	popq	RFLAGS(%rsp)
	lea	BYTES + 8(%rsp), %rax
	mov	%rax, VECTORS(%rsp)
	fxsave64 (%rax)
	mov	-8(%rbp), %rax
	mov	-16(%rbp), %rsi
	mov	%rsp, %rdi
	mov	%rsp, %rbx
	cfi_saved_at 3, BASE_RBX, RBX
	call	*%rax
	mov	VECTORS(%rbx), %rax
	fxrstor64 (%rax)
	jmp	eft_context_restore
	.cfi_endproc
	.size	eft_context_call, . - eft_context_call

	.section .text.eft_context_entry, "ax", @progbits
	.globl	eft_context_entry
	.type	eft_context_entry, @function
eft_context_entry:
	.cfi_startproc
	cfi_interrupted_context BASE_RSP
	mov	%rsp, %rbx
	cfi_interrupted_context BASE_RBX
	mov	VECTORS(%rbx), %rcx
	mov	eft_xsave_features(%rip), %eax
	mov	eft_xsave_features + 4(%rip), %edx
	testb	$LIVE, (%rbx)
	jz	2f
	andb	$~LIVE, (%rbx)
	testb	$XSAVE, (%rbx)
	jnz	1f
	fxsave64 (%rcx)
	jmp	2f
1:	xsave64	(%rcx)
2:	fninit
	mov	%rsp, %rdi
	call	eft_context_entered
	mov	VECTORS(%rbx), %rcx
	testb	$XSAVE, (%rbx)
	jnz	3f
	fxrstor64 (%rcx)
	jmp	eft_context_restore
3:	mov	eft_xsave_features(%rip), %eax
	mov	eft_xsave_features + 4(%rip), %edx
	xrstor64 (%rcx)
	jmp	eft_context_restore
	.cfi_endproc
	.size	eft_context_entry, . - eft_context_entry

/*
 * Go on in the context at rbx, whose vector registers are restored already.
 * Its rbx, and what IRET loads (SDM vol. 2), are written below its red zone,
 * from where they are popped when all else is in place: nothing that is still
 * needed is ever below rsp. Of the flags only the program's own are the
 * context's: the processor's interrupts stay as they are by now. Not by a RET,
 * after which nothing is in the red zone in valgrind's eyes.
 */
	.section .text.eft_context_restore, "ax", @progbits
	.globl	eft_context_restore
	.type	eft_context_restore, @function
eft_context_restore:
	.cfi_startproc
	cfi_interrupted_context BASE_RBX
	pushfq
	pop	%rax
	and	$~USER_FLAGS, %eax
	mov	RFLAGS(%rbx), %ecx
	and	$USER_FLAGS, %ecx
	or	%ecx, %eax
	mov	RSP(%rbx), %rdx
	lea	-(EFT_RED_ZONE + 6 * 8)(%rdx), %rcx
	mov	%rdx, 32(%rcx)
	mov	RBX(%rbx), %rdx
	mov	%rdx, (%rcx)
	mov	RIP(%rbx), %rdx
	mov	%rdx, 8(%rcx)
	mov	%cs, %edx
	mov	%rdx, 16(%rcx)
	mov	%rax, 24(%rcx)
	mov	%ss, %edx
	mov	%rdx, 40(%rcx)
	mov	%rcx, ERROR(%rbx)
	mov	R8(%rbx), %r8
	mov	R9(%rbx), %r9
	mov	R10(%rbx), %r10
	mov	R11(%rbx), %r11
	mov	R12(%rbx), %r12
	mov	R13(%rbx), %r13
	mov	R14(%rbx), %r14
	mov	R15(%rbx), %r15
	mov	RDI(%rbx), %rdi
	mov	RSI(%rbx), %rsi
	mov	RBP(%rbx), %rbp
	mov	RDX(%rbx), %rdx
	mov	RAX(%rbx), %rax
	mov	RCX(%rbx), %rcx
	change_stack ERROR(%rbx)
	pop	%rbx
	.cfi_endproc
	.cfi_startproc
	cfi_processor_frame 0
	iretq
	.cfi_endproc
	.size	eft_context_restore, . - eft_context_restore

/*
 * The handler's stack is another one: rbp is its way back.
 */
	.section .text.eft_context_handler, "ax", @progbits
	.globl	eft_context_handler
	.type	eft_context_handler, @function
eft_context_handler:
	.cfi_startproc
	push	%rbp
	mov	%rsp, %rbp
	.cfi_def_cfa rbp, 16
	.cfi_offset rbp, -16
	push	%r8
	push	%rbp
	test	%r8, %r8
	jz	1f
	change_stack -8(%rbp)
1:	and	$-16, %rsp
	fninit
	push	$0x1f80		/* reset value (SDM vol. 1 §10.2.3) */
	ldmxcsr	(%rsp)
	add	$8, %rsp
	mov	%rdi, %rax
	mov	%esi, %edi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	call	*%rax
	change_stack -16(%rbp)
	pop	%rbp
	ret
	.cfi_endproc
	.size	eft_context_handler, . - eft_context_handler

	.section .note.GNU-stack, "", @progbits

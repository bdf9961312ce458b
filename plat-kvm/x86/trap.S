// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where the processor comes in: exceptions 0 to 31, and interrupts.
 *
 * Each stub runs on an interrupt stack (kvm.h), with interrupts off, and has
 * the processor's frame there: rip, cs, rflags, rsp, ss, with an error code
 * below where the vector has one. It completes a struct eft_regs and calls
 *
 *	void eft_kvm_trap(struct eft_regs *regs)	exceptions
 *	void eft_kvm_interrupt(struct eft_regs *regs)	interrupts
 *
 * then puts the registers back, as C left them in the frame. No C here uses
 * the vector registers, so they keep the program's values.
 *
 * An interrupt that comes while core has interrupts off in software
 * (core/arch/x86_64/cpu.h) is left pending: its bit is set, and the
 * interrupted code goes on with the processor's interrupts off too, until
 * eft_kvm_deliver_interrupts(). It is acknowledged only when handled.
 */
#include "core/arch/x86_64/offsets.h"
#include "core/arch/x86_64/unwind.inc"
#include "plat-kvm/kvm.h"

#define CPU_IRQ_OFF %gs:EFT_CPU_IRQ_OFF
#define CPU_IRQ_PENDING %gs:EFT_CPU_IRQ_PENDING
#define RFLAGS_IF 0x200

	.section .text.eft_kvm_traps, "ax", @progbits
	.code64

	/* Those of error-code vectors leave the push out. */
	.globl	eft_kvm_trap_stubs
	.type	eft_kvm_trap_stubs, @function
eft_kvm_trap_stubs:
	.cfi_startproc
	cfi_processor_frame 0
	vector = 0
	.rept	EFT_KVM_IRQ
	.org	eft_kvm_trap_stubs + EFT_KVM_TRAP_STUB_BYTES * vector
	/* 8, 10 to 14, 17, 21, 29, 30 (SDM vol. 3 §6.3.1, AMD vol. 2 §8.2) */
	.if !((0x60227d00 >> vector) & 1)
	.cfi_def_cfa_offset 40
	push	$0
	.endif
	.cfi_def_cfa_offset 48
	push	$vector
	.cfi_def_cfa_offset 56
	jmp	trap
	vector = vector + 1
	.endr
	.cfi_endproc
	.size	eft_kvm_trap_stubs, . - eft_kvm_trap_stubs

	.macro	push_registers
	push_register rdi
	push_register rsi
	push_register rdx
	push_register rcx
	push_register rax
	push_register r8
	push_register r9
	push_register r10
	push_register r11
	push_register rbx
	push_register rbp
	push_register r12
	push_register r13
	push_register r14
	push_register r15
	cld
	mov	%rsp, %rdi
	.endm

	.cfi_startproc
	cfi_processor_frame 16
trap:
	push_registers
	call	eft_kvm_trap
return:
	pop_register r15
	pop_register r14
	pop_register r13
	pop_register r12
	pop_register rbp
	pop_register rbx
	pop_register r11
	pop_register r10
	pop_register r9
	pop_register r8
	pop_register rax
	pop_register rcx
	pop_register rdx
	pop_register rsi
	pop_register rdi
	add	$16, %rsp		/* vector and error code */
	.cfi_adjust_cfa_offset -16
	iretq
	.cfi_endproc

	.balign	16
	.globl	eft_kvm_irq_stubs
	.type	eft_kvm_irq_stubs, @function
eft_kvm_irq_stubs:
	.cfi_startproc
	cfi_processor_frame 0
	irq = 0
	.rept	EFT_KVM_IRQ_COUNT
	cmpl	$0, CPU_IRQ_OFF
	jne	1f
	push	$0
	.cfi_adjust_cfa_offset 8
	push	$EFT_KVM_IRQ + irq
	.cfi_adjust_cfa_offset 8
	jmp	interrupt
	.cfi_adjust_cfa_offset -16
1:	orl	$1 << irq, CPU_IRQ_PENDING
	jmp	leave_pending
	irq = irq + 1
	.org	eft_kvm_irq_stubs + EFT_KVM_IRQ_STUB_BYTES * irq
	.endr
	.size	eft_kvm_irq_stubs, . - eft_kvm_irq_stubs

leave_pending:
	andl	$~RFLAGS_IF, 16(%rsp)
	cmpq	$sleep, (%rsp)
	jne	1f
	incq	(%rsp)
1:	iretq
	.cfi_endproc

	.cfi_startproc
	cfi_processor_frame 16
interrupt:
	push_registers
	incl	CPU_IRQ_OFF		/* a handler has interrupts off */
	call	eft_kvm_interrupt
	decl	CPU_IRQ_OFF
	jmp	return
	.cfi_endproc

/*
 * void eft_kvm_sleep(void)
 *
 * Until an interrupt comes, which core has off in software. None comes between
 * the two instructions (SDM vol. 2, STI), but where a hypervisor forgets that:
 * one that did must not be slept through, so leave_pending goes past the HLT,
 * an instruction of one byte.
 */
	.globl	eft_kvm_sleep
	.type	eft_kvm_sleep, @function
eft_kvm_sleep:
	.cfi_startproc
	sti
sleep:	hlt
	cli
	ret
	.cfi_endproc
	.size	eft_kvm_sleep, . - eft_kvm_sleep

	/* Not acknowledged (SDM vol. 3 §10.9). */
	.globl	eft_kvm_spurious_stub
	.type	eft_kvm_spurious_stub, @function
eft_kvm_spurious_stub:
	.cfi_startproc
	cfi_processor_frame 0
	iretq
	.cfi_endproc
	.size	eft_kvm_spurious_stub, . - eft_kvm_spurious_stub

	.section .note.GNU-stack, "", @progbits

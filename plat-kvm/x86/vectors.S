// SPDX-License-Identifier: BSD-3-Clause
/*
 * Device vectors: each leaves its number above the frame (kvm.h), and is then
 * interrupt EFT_KVM_IRQ_DEVICE, pending or handled as trap.S says. No other
 * comes before that one is handled, so the number stays.
 */
#include "plat-kvm/kvm.h"

	.section .text.eft_kvm_device_stubs, "ax", @progbits
	.code64

	/* 16 bytes each. */
	.balign	16
	.globl	eft_kvm_device_stubs
	.type	eft_kvm_device_stubs, @function
eft_kvm_device_stubs:
	vector = EFT_KVM_DEVICE
	.rept	EFT_KVM_DEVICE_COUNT
	movl	$vector, EFT_KVM_STACK_VECTOR(%rsp)
	jmp	eft_kvm_irq_stubs + 32 * EFT_KVM_IRQ_DEVICE
	.balign	16
	vector = vector + 1
	.endr
	.size	eft_kvm_device_stubs, . - eft_kvm_device_stubs

	.section .note.GNU-stack, "", @progbits

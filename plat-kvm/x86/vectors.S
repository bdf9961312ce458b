// SPDX-License-Identifier: BSD-3-Clause
/*
 * Device vectors: each leaves its number above the frame (kvm.h), and is then
 * interrupt EFT_KVM_IRQ_DEVICE, pending or handled as trap.S says. No other
 * comes before that one is handled, so the number stays.
 */
#include "plat-kvm/kvm.h"

	.section .text.eft_kvm_device_stubs, "ax", @progbits
	.code64

	.globl	eft_kvm_device_stubs
	.type	eft_kvm_device_stubs, @function
eft_kvm_device_stubs:
	vector = EFT_KVM_DEVICE
	.rept	EFT_KVM_DEVICE_COUNT
	movb	$vector, EFT_KVM_STACK_VECTOR(%rsp)
	jmp	eft_kvm_irq_stubs + EFT_KVM_IRQ_STUB_BYTES * EFT_KVM_IRQ_DEVICE
	vector = vector + 1
	.org	eft_kvm_device_stubs + \
		EFT_KVM_DEVICE_STUB_BYTES * (vector - EFT_KVM_DEVICE)
	.endr
	.size	eft_kvm_device_stubs, . - eft_kvm_device_stubs

	.section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Device vectors: each leaves where its stub ends above the frame (kvm.h), and
 * is then interrupt EFT_KVM_IRQ_DEVICE, pending or handled as trap.S says. No
 * other comes before that one is handled, so the address stays.
 */
#include "plat-kvm/kvm.h"

	.section .text.eft_kvm_device_stubs, "ax", @progbits
	.code64

	.globl	eft_kvm_device_stubs
	.type	eft_kvm_device_stubs, @function
eft_kvm_device_stubs:
	.rept	EFT_KVM_DEVICE_COUNT
	call	note
	.endr
	.org	eft_kvm_device_stubs + \
		EFT_KVM_DEVICE_STUB_BYTES * EFT_KVM_DEVICE_COUNT
note:	pop	EFT_KVM_STACK_STUB(%rsp) /* %rsp as it is after the pop */
	jmp	eft_kvm_irq_stubs + EFT_KVM_IRQ_STUB_BYTES * EFT_KVM_IRQ_DEVICE
	.size	eft_kvm_device_stubs, . - eft_kvm_device_stubs

	.section .note.GNU-stack, "", @progbits

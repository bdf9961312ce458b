// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where a CPU that was started comes in, and the stub of the TLB's flush.
 */
#include "core/arch/x86_64/unwind.inc"
#include "plat-kvm/x86/smp.h"
#include "plat-kvm/kvm.h"

#define CODE32 0x18 /* a segment of the page's own table */

/*
 * Copied to EFT_KVM_STARTUP. A CPU begins there in real mode, at offset 0 of
 * its segment, as INIT left it (SDM vol. 3 §9.1.1: caches off in CR0). It goes
 * by protected mode to long mode (§9.8.5), with page tables that have the
 * first GiB where it is (smp.c), and on into the image.
 */
	.section .rodata.eft_kvm_startup, "a", @progbits
	.balign	8
	.globl	eft_kvm_startup, eft_kvm_startup_end
	.code16
eft_kvm_startup:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	startup_gdt_pointer - eft_kvm_startup
	mov	$0x11, %eax			/* ET, PE */
	mov	%eax, %cr0
	ljmpl	$CODE32, $EFT_KVM_STARTUP + 1f - eft_kvm_startup
	.code32
1:	mov	$EFT_KVM_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	mov	$1 << 5, %eax			/* PAE */
	mov	%eax, %cr4
	mov	$eft_kvm_early_tables, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx		/* IA32_EFER */
	mov	$1 << 8 | 1 << 11, %eax		/* LME, NXE */
	xor	%edx, %edx
	wrmsr
	mov	$0x80000011, %eax		/* PG, ET, PE */
	mov	%eax, %cr0
	ljmp	$EFT_KVM_CODE, $in_image

	.balign	8
startup_gdt:					/* SDM vol. 3 §3.4.5 */
	.quad	0
	.quad	0x00af9b000000ffff		/* 64-bit code, ring 0 */
	.quad	0x00cf93000000ffff		/* data, ring 0 */
	.quad	0x00cf9b000000ffff		/* 32-bit code, ring 0 */
startup_gdt_pointer:
	.word	startup_gdt_pointer - startup_gdt - 1
	.long	EFT_KVM_STARTUP + startup_gdt - eft_kvm_startup
eft_kvm_startup_end:

	.section .text.eft_kvm_startup, "ax", @progbits
	.code64
in_image:
	.cfi_startproc
	cfi_outermost
	mov	$eft_kvm_pml4, %eax
	mov	%rax, %cr3
	mov	eft_kvm_starting(%rip), %rdi
	mov	eft_kvm_starting_stack(%rip), %rsp
	xor	%ebp, %ebp
	call	eft_kvm_cpu_main
	.cfi_endproc

/*
 * Not left for later when core has interrupts off: who asks for the flush
 * waits for it. On the interrupt stack, which nothing else uses while IF is
 * on. C leaves the vector registers alone.
 */
	.globl	eft_kvm_flush_stub
	.type	eft_kvm_flush_stub, @function
eft_kvm_flush_stub:
	.cfi_startproc
	cfi_processor_frame 0
	push_register rax
	push_register rcx
	push_register rdx
	push_register rsi
	push_register rdi
	push_register r8
	push_register r9
	push_register r10
	push_register r11
	cld
	call	eft_kvm_flush_interrupt
	pop_register r11
	pop_register r10
	pop_register r9
	pop_register r8
	pop_register rdi
	pop_register rsi
	pop_register rdx
	pop_register rcx
	pop_register rax
	iretq
	.cfi_endproc
	.size	eft_kvm_flush_stub, . - eft_kvm_flush_stub

	.section .note.GNU-stack, "", @progbits

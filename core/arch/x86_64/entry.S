// SPDX-License-Identifier: BSD-3-Clause
/*
 * e_entry: the door of the image. The privilege level says where we are.
 *
 * Ring 3: a Linux process; rsp points at argc (System V ABI, x86-64, §3.4.1).
 * Valgrind, which shows segment registers as 0, is that too.
 * Ring 0: a guest, by the Linux 64-bit boot protocol; rsi points at the boot
 * parameters (Linux Documentation/arch/x86/boot.rst, "64-bit Boot Protocol").
 *
 * The third door, PVH, has a note of its own: plat-kvm/boot/entry.S.
 */
#include "core/arch/x86_64/unwind.inc"

	.section .text.eft_start, "ax", @progbits
	.globl	eft_start
	.type	eft_start, @function
eft_start:
	.cfi_startproc
	cfi_outermost
	mov	%cs, %eax
	test	%eax, %eax
	jz	eft_linuxu_entry
	test	$3, %al
	jnz	eft_linuxu_entry
	jmp	eft_kvm_entry64
	.cfi_endproc
	.size	eft_start, . - eft_start

	.section .note.GNU-stack, "", @progbits

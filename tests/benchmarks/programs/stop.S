// SPDX-License-Identifier: BSD-3-Clause
/*
 * An image that ends at once: QEMU enters it by the PVH note, in 32-bit mode,
 * and it writes 0 to the isa-debug-exit device: QEMU ends with status 1.
 */
	.section .note.Xen, "a", @note
	.long 4, 8, 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.quad _start

	.text
	.code32
	.globl _start
_start:
	xorl %eax, %eax
	movw $0x501, %dx
	outw %ax, %dx
	hlt

	.section .note.GNU-stack, "", @progbits

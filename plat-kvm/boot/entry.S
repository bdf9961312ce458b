// SPDX-License-Identifier: BSD-3-Clause
/*
 * The guest's two doors, both to eft_kvm_start(protocol, info) in start.c.
 *
 * eft_kvm_entry32   PVH (Xen docs/misc/pvh.pandoc): 32-bit protected mode,
 *                   paging off, flat segments; ebx = struct hvm_start_info.
 * eft_kvm_entry64   Linux's 64-bit boot protocol (Documentation/arch/x86/
 *                   boot.rst): long mode, the loader's identity map; rsi =
 *                   struct boot_params. Reached through e_entry.
 *
 * The first door maps the first GiB, virtual = physical, all of it writable
 * and executable, until x86/paging.c builds the real tables. Loaders that use
 * the second map as much.
 */
#include "core/arch/x86_64/unwind.inc"
#include "plat-kvm/kvm.h"

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 8, 18	/* 18: XEN_ELFNOTE_PHYS32_ENTRY (elfnote.h) */
	.asciz	"Xen"
	.quad	eft_kvm_entry32

	.section .text.eft_kvm_entry32, "ax", @progbits
	.code32
	.globl	eft_kvm_entry32
	.type	eft_kvm_entry32, @function
eft_kvm_entry32:
	cli
	cld
	mov	$eft_image_end - 4, %edi	/* is there memory to the end? */
	mov	(%edi), %eax
	notl	(%edi)
	cmp	(%edi), %eax
	je	no_memory
	notl	(%edi)
	mov	$boot_stack_top, %esp
	mov	%ebx, %esi

	movl	$early_pdpt + 3, early_pml4	/* present, writable */
	mov	$0x80000000, %eax
	cpuid
	cmp	$0x80000001, %eax		/* signed: not a leaf below */
	jl	no_long_mode
	mov	$0x80000001, %eax
	cpuid
	test	$1 << 29, %edx			/* long mode? */
	jz	no_long_mode
	movl	$0x83, early_pdpt		/* one page of 1 GiB */
	test	$1 << 26, %edx			/* are there such? */
	jnz	2f

	movl	$early_pd + 3, early_pdpt
	mov	$early_pd, %edi
	mov	$0x83, %eax			/* 512 pages of 2 MiB */
1:	mov	%eax, (%edi)
	add	$8, %edi
	add	$0x200000, %eax
	test	$0x40000000, %eax
	jz	1b

2:	mov	$1 << 5, %eax			/* PAE */
	mov	%eax, %cr4
	mov	$early_pml4, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx		/* IA32_EFER */
	mov	$1 << 8, %eax			/* LME */
	xor	%edx, %edx
	wrmsr
	mov	$0x80000011, %eax		/* PG, ET, PE */
	mov	%eax, %cr0
	lgdt	gdt_pointer
	mov	$EFT_KVM_PROTOCOL_PVH, %edi
	ljmp	$EFT_KVM_CODE, $start64

/*
 * The end, as in pc/power.c: a 32-bit processor runs none of our C. There may
 * be memory for no more of the image than its first page, where this is; nobody
 * reads its ELF header any more.
 */
no_memory:
	mov	$eft_image_start + 64, %esp
1:	sub	$4096, %edi			/* where does it end? */
	mov	(%edi), %eax
	notl	(%edi)
	cmp	(%edi), %eax
	je	1b
	mov	$no_memory_text, %esi
	call	put
	lea	4(%edi), %eax
	call	put_kib
	mov	$takes_text, %esi
	call	put
	mov	$eft_image_end, %eax
	call	put_kib
	mov	$newline, %esi
	jmp	1f
no_long_mode:
	mov	$no_long_mode_text, %esi
1:	call	put
	mov	$report, %esi
	mov	$0xe9, %edx
	call	put_to
	mov	$1, %al
	mov	$0x501, %edx
	out	%al, (%dx)
	lidt	no_idt
	int3

put_kib:					/* eax, in bytes */
	shr	$10, %eax
	mov	$kib_unit, %esi
	mov	$10, %ecx
1:	xor	%edx, %edx
	div	%ecx
	add	$'0', %dl
	dec	%esi
	mov	%dl, (%esi)
	test	%eax, %eax
	jnz	1b
put:
	mov	$0x3f8, %edx
put_to:
	lodsb
	test	%al, %al
	jz	1f
	out	%al, (%dx)
	jmp	put_to
1:	ret

no_memory_text:
	.asciz	"eft: cannot boot: too little memory: there are "
takes_text:
	.asciz	", the program takes "
no_long_mode_text:
	.asciz	"eft: cannot boot: this processor has no 64-bit mode\n"
kib_unit:					/* digits go over the text before */
	.asciz	"K"
report:
	.ascii	"exit 1"
newline:
	.asciz	"\n"
no_idt:
	.skip	6
	.size	eft_kvm_entry32, . - eft_kvm_entry32

	.section .text.eft_kvm_entry64, "ax", @progbits
	.code64
	.globl	eft_kvm_entry64
	.type	eft_kvm_entry64, @function
eft_kvm_entry64:
	.cfi_startproc
	cfi_outermost
	cli
	cld
	mov	$boot_stack_top, %esp
	lgdt	gdt_pointer
	mov	$EFT_KVM_PROTOCOL_LINUX, %edi
	push	$EFT_KVM_CODE
	push	$start64
	lretq
start64:
	mov	$EFT_KVM_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	xor	%ebp, %ebp
	call	eft_kvm_start
	.cfi_endproc
	.size	eft_kvm_entry64, . - eft_kvm_entry64

	.section .rodata.eft_kvm_gdt, "a", @progbits
	.balign	8
	.globl	eft_kvm_gdt
eft_kvm_gdt:					/* SDM vol. 3 §3.4.5 */
	.quad	0
	.quad	0x00af9b000000ffff		/* 64-bit code, ring 0 */
	.quad	0x00cf93000000ffff		/* data, ring 0 */
gdt_pointer:
	.word	gdt_pointer - eft_kvm_gdt - 1
	.quad	eft_kvm_gdt

	.section .bss.eft_kvm_boot, "aw", @nobits
	.balign	4096
	.globl	eft_kvm_pml4
eft_kvm_pml4:
	.skip	4096
	.globl	eft_kvm_early_tables
eft_kvm_early_tables:
early_pml4:
	.skip	4096
early_pdpt:
	.skip	4096
early_pd:
	.skip	4096
boot_stack:
	.skip	16384
boot_stack_top:

	.section .note.GNU-stack, "", @progbits

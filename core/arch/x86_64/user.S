// SPDX-License-Identifier: BSD-3-Clause
/*
 * The instructions that touch the program's memory for the libOS (core/user.h).
 *
 * Each function returns {0, -} in rax and rdx. A fault that is not resolved has
 * it go on at eft_user_fault with the address in rdx (core/boot/trap.c), and so
 * return {-EFAULT, the address}: so none of them changes the stack pointer or a
 * register that a function must keep. They lie
 * together, from eft_user_text to eft_user_text_end (eft.ld).
 */
#include "core/arch/x86_64/unwind.inc"

/*
 * struct eft_user_result eft_user_copy(void *to, const void *from, size_t n)
 *
 * Whole words upwards, then the last one, which may overlap them; one word, two
 * halves that may overlap; fewer than four bytes downwards.
 */
	.section .text.eft_user.copy, "ax", @progbits
	.globl	eft_user_copy
	.type	eft_user_copy, @function
eft_user_copy:
	.cfi_startproc
	cmp	$8, %rdx
	je	1f
	jb	2f
	mov	%rdx, %rcx
	mov	-8(%rsi,%rdx), %r8
	lea	-8(%rdi,%rdx), %r9
	shr	$3, %rcx
	rep movsq
	mov	%r8, (%r9)
	xor	%eax, %eax
	ret
1:	mov	(%rsi), %rcx
	mov	%rcx, (%rdi)
	xor	%eax, %eax
	ret
2:	cmp	$4, %edx
	jb	3f
	mov	(%rsi), %ecx
	mov	-4(%rsi,%rdx), %r8d
	mov	%ecx, (%rdi)
	mov	%r8d, -4(%rdi,%rdx)
	xor	%eax, %eax
	ret
3:	dec	%edx
	js	4f
	mov	(%rsi,%rdx), %al
	mov	%al, (%rdi,%rdx)
	jmp	3b
4:	xor	%eax, %eax
	ret
	.cfi_endproc
	.size	eft_user_copy, . - eft_user_copy

	.section .text.eft_user.fault, "ax", @progbits
	.globl	eft_user_fault
	.type	eft_user_fault, @function
eft_user_fault:
	.cfi_startproc
	mov	$-14, %rax		/* -EFAULT */
	ret
	.cfi_endproc
	.size	eft_user_fault, . - eft_user_fault

/* struct eft_user_result eft_user_clear(void *to, size_t n) */
	.section .text.eft_user.clear, "ax", @progbits
	.globl	eft_user_clear
	.type	eft_user_clear, @function
eft_user_clear:
	.cfi_startproc
	xor	%eax, %eax
	mov	%rsi, %rcx
	and	$7, %ecx
	rep stosb
	mov	%rsi, %rcx
	shr	$3, %rcx
	rep stosq
	ret
	.cfi_endproc
	.size	eft_user_clear, . - eft_user_clear

/* struct eft_user_result eft_user_get8(const uint64_t *from): in rdx */
	.section .text.eft_user.get8, "ax", @progbits
	.globl	eft_user_get8
	.type	eft_user_get8, @function
eft_user_get8:
	.cfi_startproc
	mov	(%rdi), %rdx
	xor	%eax, %eax
	ret
	.cfi_endproc
	.size	eft_user_get8, . - eft_user_get8

/* struct eft_user_result eft_user_put8(uint64_t *to, uint64_t value) */
	.section .text.eft_user.put8, "ax", @progbits
	.globl	eft_user_put8
	.type	eft_user_put8, @function
eft_user_put8:
	.cfi_startproc
	mov	%rsi, (%rdi)
	xor	%eax, %eax
	ret
	.cfi_endproc
	.size	eft_user_put8, . - eft_user_put8

/*
 * struct eft_user_result eft_user_string(char *to, const char *from,
 *					 size_t size)
 *
 * Copy up to a NUL, (size) bytes at most. In rdx: how many stand before it.
 * Eight at a time while they lie in one page (what follows may not be there) and
 * none is 0: x - 0x01.. & ~x & 0x80.. tells.
 */
	.section .text.eft_user.string, "ax", @progbits
	.globl	eft_user_string
	.type	eft_user_string, @function
eft_user_string:
	.cfi_startproc
	add	%rdx, %rdi
	add	%rdx, %rsi
	mov	%rdx, %r8
	neg	%r8
	jz	4f
	mov	$0x0101010101010101, %r9
	mov	%r9, %r10
	shl	$7, %r10
1:	cmp	$-8, %r8
	jg	2f
	lea	(%rsi,%r8), %ecx
	and	$4095, %ecx
	cmp	$4088, %ecx
	ja	2f
	mov	(%rsi,%r8), %rax
	mov	%rax, %rcx
	mov	%rax, %r11
	sub	%r9, %rcx
	not	%r11
	and	%r11, %rcx
	test	%r10, %rcx
	jne	3f
	mov	%rax, (%rdi,%r8)
	add	$8, %r8
	jne	1b
	jmp	4f
2:	mov	(%rsi,%r8), %al		/* the last ones, or a page's */
	mov	%al, (%rdi,%r8)
	test	%al, %al
	je	4f
	inc	%r8
	je	4f
	test	$7, %r8b
	jne	2b
	jmp	1b
3:	mov	%al, (%rdi,%r8)		/* the NUL is in these */
	test	%al, %al
	je	4f
	inc	%r8
	shr	$8, %rax
	jmp	3b
4:	add	%r8, %rdx
	xor	%eax, %eax
	ret
	.cfi_endproc
	.size	eft_user_string, . - eft_user_string

/* struct eft_user_result eft_user_load(const uint32_t *word, uint32_t *ret) */
	.section .text.eft_user.load, "ax", @progbits
	.globl	eft_user_load
	.type	eft_user_load, @function
eft_user_load:
	.cfi_startproc
	mov	(%rdi), %eax
	mov	%eax, (%rsi)
	xor	%eax, %eax
	ret
	.cfi_endproc
	.size	eft_user_load, . - eft_user_load

/*
 * struct eft_user_result eft_user_exchange(uint32_t *word, uint32_t *expected,
 *					   uint32_t value)
 *
 * Store (value) where the word is *expected, which becomes what was there.
 */
	.section .text.eft_user.exchange, "ax", @progbits
	.globl	eft_user_exchange
	.type	eft_user_exchange, @function
eft_user_exchange:
	.cfi_startproc
	mov	(%rsi), %eax
	lock cmpxchg %edx, (%rdi)
	mov	%eax, (%rsi)
	xor	%eax, %eax
	ret
	.cfi_endproc
	.size	eft_user_exchange, . - eft_user_exchange

	.section .note.GNU-stack, "", @progbits

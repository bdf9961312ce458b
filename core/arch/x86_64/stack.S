// SPDX-License-Identifier: BSD-3-Clause
/*
 * void eft_touch_stack(void)
 *
 * See eft_lock_touch_stack(): keeps every register but the flags. Nothing is to
 * be done where interrupts are off, or the host pages the stack in.
 */
#include "core/arch/x86_64/offsets.h"
#include "core/arch/x86_64/unwind.inc"

#define CPU_IRQ_OFF %gs:EFT_CPU_IRQ_OFF
#define CPU_DEMAND_PAGED %gs:EFT_CPU_DEMAND_PAGED

	.section .text.eft_touch_stack, "ax", @progbits
	.globl	eft_touch_stack
	.type	eft_touch_stack, @function
eft_touch_stack:
	.cfi_startproc
	cmpl	$0, CPU_IRQ_OFF
	jne	1f
	cmpl	$0, CPU_DEMAND_PAGED
	je	1f
	testb	$0, -4096(%rsp)
	testb	$0, -8192(%rsp)
	.globl	eft_touch_stack_end
eft_touch_stack_end:
1:	ret
	.cfi_endproc
	.size	eft_touch_stack, . - eft_touch_stack

	.section .note.GNU-stack, "", @progbits

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The tracer, in a section that is not part of the image's memory, and the key
 * by which an image knows its own (core/trace.h).
 */
#include "trace/key.h"

	.section .rodata.eft_tracer_key, "a", @progbits
	.balign	8
	.globl	eft_tracer_key
	.type	eft_tracer_key, @object
	.size	eft_tracer_key, 8
eft_tracer_key:
	.quad	EFT_TRACER_KEY

	.section .debug_eft_tracer, "", @progbits
	.incbin	"trace/tracer.bin"

	.section .note.GNU-stack, "", @progbits

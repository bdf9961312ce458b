/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once
/*
 * Where fields lie that assembly reaches: struct eft_cpu (by GS) and struct
 * eft_thread. The structures' headers check them. For C and assembly.
 */
#define EFT_CPU_THREAD	     8
#define EFT_CPU_IRQ_OFF	     16
#define EFT_CPU_IRQ_PENDING  20
#define EFT_CPU_ATTENTION    24
#define EFT_CPU_DEMAND_PAGED 28
#define EFT_CPU_PROCESS	     32

#define EFT_THREAD_STACK_TOP 16

/* From a thread's stack_top: where its program's stack is during a call. */
#define EFT_CALLER_STACK 8

/* Bytes below rsp that are a function's own (System V ABI, x86-64, §3.2.2). */
#define EFT_RED_ZONE 128

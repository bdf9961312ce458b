// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Unaligned words of 1 to 16 bytes, for the memory functions. Sixteen bytes
 * are SSE2, which every x86-64 CPU has; the libOS itself, which runs in traps
 * too, has memory functions of its own (core/lib/memory.c).
 */
#include <stddef.h>
#include <stdint.h>

#define WIDE(bytes) __attribute__((vector_size(bytes), aligned(1), may_alias))

typedef long long wide16 WIDE(16);
typedef uint64_t wide8 __attribute__((aligned(1), may_alias));
typedef uint32_t wide4 __attribute__((aligned(1), may_alias));
typedef uint16_t wide2 __attribute__((aligned(1), may_alias));

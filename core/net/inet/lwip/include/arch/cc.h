// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * lwIP's compiler and its environment: no header but the compiler's own, and the
 * libOS's memory, clock and random numbers.
 */
#include "core/log.h"

#define LWIP_NO_CTYPE_H	   1
#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_LIMITS_H   1
#define LWIP_NO_UNISTD_H   1

/* x86's, and what <limits.h> would say. */
#undef BYTE_ORDER
#define BYTE_ORDER LITTLE_ENDIAN
#ifndef INT_MAX
#define INT_MAX __INT_MAX__
#endif
#ifndef SSIZE_MAX
#define SSIZE_MAX __PTRDIFF_MAX__
#endif

/* Debug output that is off, and statistics that are not kept: never printed. */
#define X8_F  "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "lu"

/* lwIP's own invariants; what a caller may do wrong is an error only. */
#ifdef EFT_SHORT_ASSERTS
#define LWIP_PLATFORM_ASSERT(message) eft_trap_here(__LINE__)
#else
#define LWIP_PLATFORM_ASSERT(message) \
	eft_assert_failed(message, __FILE__, __LINE__)
#endif
#define LWIP_ERROR(message, expression, handler) \
	do {                                     \
		if (!(expression)) {             \
			handler;                 \
		}                                \
	} while (0)
#define LWIP_PLATFORM_DIAG(x) ((void)0)

/* What lwIP calls by names that are not ours. */
#define sys_now		 eft_inet_now_ms
#define tcp_timer_needed eft_inet_tcp_begins
unsigned eft_inet_random(void);
#define LWIP_RAND() eft_inet_random()

/* The heap's, which lwIP calls by the C library's names (mem.c). */
void *eft_alloc(size_t size);
void *eft_alloc_unset(size_t size);
void eft_free(void *ptr);
#define mem_clib_malloc		     eft_alloc_unset
#define mem_clib_free		     eft_free
#define mem_clib_calloc(count, size) eft_alloc((count) * (size))

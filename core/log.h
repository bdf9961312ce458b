// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The log ring, panics and assertions.
 *
 * A message is one line, kept in a ring in memory; those at or above the
 * console level (option log=, default error) are also written to the console.
 * Any context; never blocks, never allocates.
 */
#include "core/base.h"

enum eft_log_level {
	EFT_LOG_ERROR, /* something was lost or refused */
	EFT_LOG_WARN,  /* worth knowing: an unknown system call, no entropy */
	EFT_LOG_INFO,  /* once a boot: what was found */
	EFT_LOG_DEBUG,
};

void eft_log(enum eft_log_level level, const char *fmt, ...)
	eft_printf_like(2, 3);

/* Show messages up to (level) on the console from now on. */
void eft_log_set_level(enum eft_log_level level);

/*
 * Copy the newest (len) bytes of the log into (buf).
 *
 * Returns   the number of bytes copied
 */
size_t eft_log_read(char *buf, size_t len);

/*
 * Write to the console what the libOS has to say. It is waited for as long as
 * it takes something each second; the rest is lost.
 */
void eft_console_write(const void *buf, size_t len);

/* The same, formatted, past the log: reports and bad options. */
void eft_console_printf(const char *fmt, ...) eft_printf_like(1, 2);

/* Report (fmt) with a backtrace and end as if by SIGABRT. */
eft_noreturn void eft_panic(const char *fmt, ...) eft_printf_like(1, 2);

/*
 * A broken invariant of our own: on in release builds too. What the program,
 * the user or the host can cause is an error, never an assertion.
 */
#ifdef EFT_SHORT_ASSERTS
#define eft_assert(cond) (eft_likely(cond) ? (void)0 : eft_trap_here(__LINE__))
#else
#define eft_assert(cond)            \
	(eft_likely(cond) ? (void)0 \
			  : eft_assert_failed(#cond, __FILE__, __LINE__))
#endif

eft_noreturn void eft_assert_failed(const char *cond, const char *file,
				    int line);

/*
 * In images: an instruction that traps (core/boot/trap.c). What failed is known
 * by where, from debug information. The (line) keeps gcc from making one of two.
 */
#define eft_trap_here(line)                          \
	({                                           \
		__asm__ volatile("ud2" ::"i"(line)); \
		__builtin_unreachable();             \
	})

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A line that is being written: what does not fit is cut.
 */
#include "core/base.h"

enum { LINE_BYTES = 2048 };

struct line {
	size_t len;
	char text[LINE_BYTES];
};

void put(struct line *line, const char *fmt, ...) eft_printf_like(2, 3);
void put_char(struct line *line, char c);

/*
 * Can the (len) bytes at (addr) be read? What a program gives a system call may
 * be anything.
 */
bool readable(uintptr_t addr, size_t len);

/* The pointer (addr) as strace has it: NULL or hexadecimal. */
void put_address(struct line *line, uintptr_t addr);

/*
 * The (len) bytes at (addr) in quotes, of which (max) are shown; where they
 * cannot be read, the address.
 */
void put_bytes(struct line *line, uintptr_t addr, size_t len, size_t max);

/* The same of a string that a NUL ends. */
void put_string(struct line *line, uintptr_t addr, size_t max);

/* What strace shows of strings and elements of arrays, if not told otherwise. */
enum { SHOWN = 32 };

/* A value and its name; tables end with a NULL. */
struct name {
	uint64_t value;
	const char *name;
};

#define NAME(value)       \
	{                 \
		value, #value \
	}

/* (value) by name, else as a number, with (what) it is not: strace's way. */
void put_name(struct line *line, uint64_t value, const struct name *names,
	      const char *what);

/* A set of bits: A|B|0x40. 0 is its name, where it has one. */
void put_flags(struct line *line, uint64_t value, const struct name *names,
	       const char *what);

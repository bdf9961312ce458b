// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Kinds of arguments: how each is shown. posix/gen.py finds the kind of an
 * argument by its call, name and type (calls.c).
 */
#include "trace/line.h"

struct called {
	const struct call *call;
	const long *args;
	long result; /* of a call that is over */
};

struct kind {
	/* Show argument (i) of the call. */
	void (*print)(struct line *line, const struct called *called,
		      unsigned i);
	/* It is what the call gives: shown when it is over. */
	bool out;
};

struct call {
	const char *name;
	/* What follows a result, or NULL. */
	void (*note)(struct line *line, const struct called *called);
	uint8_t flags;
	uint8_t count;
	const struct kind *args[6];
};

/* How a result is shown that is no plain number. */
enum { CALL_POINTER = 1, CALL_OCTAL = 2, CALL_FLAGS = 4 };

extern const struct call calls[];
extern const unsigned calls_count;

/* structs.c */
void note_poll(struct line *line, const struct called *called);
void note_select(struct line *line, const struct called *called);
void note_fcntl(struct line *line, const struct called *called);
void put_signal_name(struct line *line, int signal);
void put_siginfo(struct line *line, uintptr_t addr);
void put_open_flags(struct line *line, uint64_t value);
void put_file_mode(struct line *line, unsigned mode);
void put_lock_type(struct line *line, int type);

#define FAILED(called) ((unsigned long)(called)->result > -4096ul)

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Sequences of calls that are made twice: by the libOS, in the world of the
 * fake, and by Linux, with an empty file system, descriptors and network
 * (linuxside.h). Each side writes down what it did and got; where the two
 * accounts differ, the input has shown a bug.
 *
 * What a target does is a list of steps. A step is made by either side, knows
 * nothing of the other, and takes from the input alone. What may differ is
 * made the same by the step, or left out of the account, with the reason.
 *
 * Nothing waits: what could is O_NONBLOCK.
 */
#include "fuzz/calls.h"
#include "fuzz/numbers.h"

enum { SIDE_LOG = 64 << 10, SIDE_DESCRIPTORS = 256, SIDE_PATH = 300 };

struct side {
	long (*call)(long number, long a, long b, long c, long d, long e,
		     long f);
	bool allocated; /* a target's: fallocate() was called */
	size_t len;
	char log[SIDE_LOG];
};

typedef void side_step(struct side *side, const struct fuzz_call *call);

/* The target's: its steps, and what is said at the end. */
extern side_step *const side_steps[];
extern const unsigned side_step_count;
void side_finish(struct side *side);

/* A call of this side, whose arguments are any numbers or pointers. */
#define side_call(side, name, ...) \
	side_call_(side, SYS_##name, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define side_call_(side, number, a, b, c, d, e, f, ...)                  \
	(side)->call(number, (long)(a), (long)(b), (long)(c), (long)(d), \
		     (long)(e), (long)(f))

/* Write down. */
void side_note(struct side *side, const char *fmt, ...) eft_printf_like(2, 3);
void side_note_data(struct side *side, const void *data, size_t len);

/* Arguments. */
int side_fd(uint16_t from);
int side_directory(uint16_t from);
void side_path(char path[SIDE_PATH], uint16_t from);

/*
 * S_IF… of what (fd) describes. An eventfd, a timerfd and their like have no
 * type; -1: not open.
 */
enum { SIDE_COUNTER = 0 };
int side_kind(struct side *side, int fd);

/* Steps that several targets have. */
side_step side_poll, side_left;

/* The libOS keeps in memory what it has read: what is left is not counted. */
extern bool side_keeps;

/* For the targets: boot, and one input. */
void sides_boot(void);
void sides_run(void);

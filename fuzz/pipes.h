// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the files of the target `pipes`: what the model knows.
 *
 *	pipes.c        pipes, eventfd, timerfd, poll
 *	pipes_epoll.c  epoll
 */
#include "fuzz/fuzz.h"

enum kind { NOTHING, READER, WRITER, EVENT, TIMER, EPOLL };

/* A pipe: bytes are numbered from its beginning. */
struct pipe_model {
	uint32_t size;
	uint64_t written, read;
	struct thing *reader, *writer; /* NULL: closed */
};

/* An open file description. */
struct thing {
	enum kind kind;
	unsigned fds; /* that lead to it; 0: it is gone */
	bool nonblocking;
	struct pipe_model *pipe;
	uint64_t value; /* eventfd's */
	bool semaphore;
	uint64_t expires_ns, interval_ns; /* timerfd's */
};

/* What poll says: surely, and perhaps. */
struct levels {
	unsigned sure, perhaps;
};

enum { SLOTS = 14, THINGS = 64 };

/* The descriptors, and the descriptions. */
struct slot {
	int fd;
	struct thing *thing; /* NULL: the slot is free */
};

extern struct slot slots[SLOTS];
extern struct thing things[THINGS];

struct levels levels_of(const struct thing *thing);
struct slot *any_slot(void);
/* Install what a system call has made. */
void add_slot(int fd, struct thing *thing);
struct thing *new_thing(enum kind kind);

/*
 * pipes_epoll.c
 */
void epoll_make(void);
void epoll_control(void);
void epoll_wait_step(void);
struct levels epoll_levels(const struct thing *thing);

/* Around each step: what became true in it is news to those who watch. */
void epoll_before_step(void);
void epoll_after_step(void);

/* A step was about (thing): who watches it may be told again. */
void epoll_touch(const struct thing *thing);
void touch_timers(void);

/* No descriptor leads to (thing) any more. */
void epoll_forget(const struct thing *thing);

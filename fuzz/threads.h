// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the files of the target `threads`: what the model knows.
 *
 *	threads.c          threads, what they do, and why they may wait
 *	threads_signals.c  signals, masks, timers
 */
#include "core/abi.h"
#include "fuzz/fuzz.h"
#include "posix/settled.h"
#include "posix/thread/task.h"

enum { MODEL_THREADS = 6, MUTEXES = 3, WORDS = 3 };

/* What a thread waits for. */
enum reason {
	AWAKE,
	FOR_MUTEX,
	FOR_WORD,
	FOR_END, /* of a thread */
	FOR_TIME,
	FOR_SIGNAL,  /* of (set), which is blocked */
	FOR_HANDLER, /* any that (set) does not block */
};

struct model_thread {
	struct eft_task *task; /* NULL: it has ended */
	uint32_t tid;	       /* 0 when the libOS says that it has ended */
	uintptr_t stack;
	unsigned stack_number;
	bool begun;
	bool holds[MUTEXES];

	enum reason reason;
	unsigned number; /* of the mutex, word, thread */
	uint64_t set;

	/* What is blocked for sure, and what is when no call is under way. */
	uint64_t sure, mask;
};

extern struct model_thread model_threads[MODEL_THREADS];
struct model_thread *myself(void);

/* Begin to wait, or to do what handlers may interrupt; and end. */
void wait_begins(enum reason reason, unsigned number, uint64_t set);
void wait_ends(void);

/* As the C library does before each call. */
void before_call(void);

/*
 * threads_signals.c
 */
void signals_boot(void);
void signal_step(unsigned which);
enum { SIGNAL_STEPS = 7 };

/* The caller's mask is what it is to be. */
void signals_check_mask(void);
/* Nothing that (thread) waits for is there. */
void signals_check_waiting(const struct model_thread *thread);
/* All is over: nothing is armed, and nothing lost. */
void signals_end(void);

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the tracer's files share. It runs within the libOS, in whatever thread
 * makes a system call, and asks of it what struct eft_trace_services has.
 */
#include "core/dev/traceoutput.h"
#include "core/trace.h"

struct eft_thread;

extern struct eft_trace_services services;

/* What the option asks for: trace=WORD,… */
struct wanted {
	bool syscalls;	  /* syscall: printed as strace does */
	bool times;	  /* time: when, and how long they took */
	const char *file; /* a name with a dot or a slash, or NULL */
	size_t file_len;
};

extern struct wanted wanted;

/* Since the instance began, as far as is known. */
uint64_t now_ns(void);

/*
 * The number by which Linux's tools know (thread). NULL: the program's first,
 * which has its own from its C library's first call on only.
 */
int number_of(const struct eft_thread *thread);
/* And from 1, as reports count: see core/trap.h. */
int ordinal_of(const struct eft_thread *thread);

/* A lock of the tracer's own; interrupts are off while it is held. */
struct lock {
	uint32_t held;
};

void lock(struct lock *lock);
void unlock(struct lock *lock);

/*
 * strace.c: lines on the console.
 */
void strace_enter(unsigned number, const long args[6]);
void strace_leave(unsigned number, const long args[6], long result,
		  uint64_t took_ns);
void strace_event(enum eft_trace_event event, uintptr_t a);
void strace_fault(uintptr_t addr);
void strace_fault_end(unsigned how); /* enum eft_fault */

/*
 * events.c: rings of what happened, one for each CPU.
 */
int events_start(void);
/* A system call: (a) its number, (b) the first argument; (a) its result. */
enum { EVENT_CALL = 64, EVENT_RETURN, EVENT_NAME };

void events_record(unsigned event, uintptr_t a, uintptr_t b);
/* The beginning of a call, and the thread's name where that is new. */
void events_call(unsigned number, uintptr_t first);
/* Write what has gathered, if that is much; at the end all of it. */
void events_write_some(void);
void events_end(void);

/* names.c */
const char *error_name(int error);  /* "ENOENT", or NULL */
const char *error_words(int error); /* "No such file or directory" */
const char *signal_name(int signal); /* "SIGTERM", or NULL: real-time */
const char *call_name(unsigned number);

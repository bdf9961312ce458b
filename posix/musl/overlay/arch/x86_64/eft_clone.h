// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * How musl's threads begin and end: plain calls of posix/thread/task.c, which this
 * header is a door of too.
 */
#include <stddef.h>
#include <stdint.h>

struct eft_clone {
	unsigned flags; /* clone(2)'s */
	uintptr_t stack_top, tls;
	int *parent_tid;
	uint32_t *child_tid;
};

/*
 * A thread that calls (function) with (arg), and ends when it returns.
 *
 * Returns   its number; -EAGAIN out of memory; -ENOSYS not a thread
 */
long eft_clone(int (*function)(void *), void *arg,
	       const struct eft_clone *request);

/* End the calling thread, and unmap its stack, which it does not run on. */
__attribute__((noreturn)) void eft_exit_unmapping(void *start, size_t len);

/* What musl calls: the same, entered as system calls are (posix/sys/enter.S). */
__typeof__(eft_clone) eft_call_clone_thread;
__typeof__(eft_exit_unmapping) eft_call_exit_unmapping;

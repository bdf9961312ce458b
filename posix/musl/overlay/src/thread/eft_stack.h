// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The memory of threads: stack, thread-local storage and guard in one mapping.
 * Some of what joined threads had is kept for those to come, as to map and to
 * unmap takes longer than all else that makes a thread.
 */
#include "pthread_impl.h"

/*
 * What system calls, and the frames of signals, take of a stack at most: more
 * than Linux does, which has a stack of its own. A multiple of the page size.
 */
enum { EFT_STACK_SHARE = 16384 };

/* (size) bytes, the lowest (guard) of them a guard; MAP_FAILED, errno set. */
hidden void *eft_stack_get(size_t size, size_t guard);
hidden int eft_stack_put(void *base, size_t size, size_t guard);

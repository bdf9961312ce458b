// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own, with memory from eft_stack.c, of which there is more than
 * the thread was to have: for system calls, which run on its stack.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "../eft_stack.h"

#define __mmap(addr, size, ...) eft_stack_get(size += EFT_STACK_SHARE, guard)
#define __mprotect(...)		0
#define __munmap(base, size)	eft_stack_put(base, size, guard)

#include "../pthread_create.c"

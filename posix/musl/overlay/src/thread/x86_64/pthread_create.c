// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own, with memory from eft_stack.c, of which there is more than
 * the thread was to have: for system calls, which run on its stack. A thread
 * that ends gives back the freed blocks that it has kept (mallocng/x86_64).
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "../eft_stack.h"
#include "eft_clone.h"

#define __mmap(addr, size, ...) eft_stack_get(size += EFT_STACK_SHARE, guard)
#define __mprotect(...)		0
#define __munmap(base, size)	eft_stack_put(base, size, guard)

/* Without the variable arguments of the function of that name. */
#define __clone(function, stack, clone_flags, arg, parent, thread, child)    \
	({                                                                   \
		EFT_NAME_HANDLER(eft_clone);                                 \
		eft_call_clone_thread(                                       \
			function, arg,                                       \
			&(struct eft_clone){.flags = clone_flags,            \
					    .stack_top = (uintptr_t)(stack), \
					    .tls = (uintptr_t)(thread),      \
					    .parent_tid = (parent),          \
					    .child_tid =                     \
						    (uint32_t *)(child)});   \
	})

#include "pthread_impl.h"

weak hidden void __eft_heap_leave(void);

static void leave_heap(void)
{
	if (__eft_heap_leave)
		__eft_heap_leave();
}

#define __pthread_tsd_run_dtors() (__pthread_tsd_run_dtors(), leave_heap())

#include "../pthread_create.c"

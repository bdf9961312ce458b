// SPDX-License-Identifier: BSD-3-Clause
/* The release's own; a joined thread's memory goes to eft_stack.c. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "../eft_stack.h"

#define __munmap(base, size) eft_stack_put(base, size, (t)->guard_size)

#include "../pthread_join.c"

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The libOS's heap in a fuzz target, over libc's: AddressSanitizer sees every
 * overrun, and what an input leaves behind is freed before the next.
 */
#include "core/base.h"

/* The blocks that are there now are to be as they are again and again. */
void fuzz_heap_save(void);
void fuzz_heap_restore(void);

/* Blocks of the libOS in use. */
size_t fuzz_heap_blocks(void);
/* Memory of the target's, cleared, until the input ends. */
void *fuzz_alloc(size_t size);

/* What the program allocated is freed, or the input shows a bug. */
void fuzz_heap_check_leaks(void);

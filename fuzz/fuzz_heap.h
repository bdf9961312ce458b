// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The libOS's heap in a fuzz target, over libc's: AddressSanitizer sees every
 * overrun, and what an input leaves behind is freed before the next.
 */

/* The blocks that are there now are to be as they are again and again. */
void fuzz_heap_save(void);
void fuzz_heap_restore(void);

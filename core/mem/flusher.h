// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the page cache and its flusher.
 */
#include "core/cache.h"
#include "core/file.h"

/* Write back the files that have been dirty since (before_ns), or longer. */
void eft_page_cache_write_old(uint64_t before_ns);

/*
 * How many files have contents that could not be written back, and no call has
 * told the program so; one's error. Context: thread.
 */
unsigned eft_page_cache_lost(int *ret_error);

/*
 * Put the last reference to (file) later, in the flusher: what its end locks
 * may come before what the caller has locked. Context: thread.
 */
void eft_flusher_put(struct eft_file *file);

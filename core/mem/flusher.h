// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the page cache and its flusher.
 */
#include "core/cache.h"

/* Write back the files that have been dirty since (before_ns), or longer. */
void eft_page_cache_write_old(uint64_t before_ns);

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What a checked build (EFT_HEAP_CHECKS) does about the libOS's heap: zones
 * behind the objects that nobody may write, objects that are filled when they
 * are given back and not given out again for a while. Who writes past an
 * object's end, writes to one after its end or ends it twice, ends the
 * instance by eft_panic(), which names the object and the code that had it.
 */
#include "core/dev/heapwatch.h"

extern const struct eft_heap_watch eft_heapcheck;

#ifdef EFT_HEAP_CHECKS
#define EFT_HEAPCHECK (&eft_heapcheck)
#else
#define EFT_HEAPCHECK NULL
#endif

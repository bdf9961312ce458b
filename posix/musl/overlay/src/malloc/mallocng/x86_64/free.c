// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own under another name: see eft_valgrind.h. Its advice,
 * MADV_FREE, is one that changes nothing (posix/madvise.c), so it is not given.
 */
#define _BSD_SOURCE
#include "../meta.h"
#include "eft_valgrind.h"

#undef madvise
#define madvise(...) 0

#undef free
#define free __eft_free_impl

#include "../free.c"

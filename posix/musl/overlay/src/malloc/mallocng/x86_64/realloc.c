// SPDX-License-Identifier: BSD-3-Clause
/* The release's own under another name: see eft_valgrind.h. */
#define _GNU_SOURCE
#include "cache.h"
#include "eft_valgrind.h"
#include <stdlib.h>

#undef realloc
#define realloc __eft_realloc_impl
#undef free
#define free __eft_free_impl

#include "../realloc.c"

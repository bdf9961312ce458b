// SPDX-License-Identifier: BSD-3-Clause
/* The release's own, but that valgrind may watch: see eft_valgrind.h. */
#include "eft_valgrind.h"
#include <stdlib.h>

#define __libc_malloc_impl(n) \
	(__eft_watched ? __eft_watched_malloc(n) : __libc_malloc_impl(n))

#include "../lite_malloc.c"

// SPDX-License-Identifier: BSD-3-Clause
#include "eft_valgrind.h"
#include <stdlib.h>

void *__libc_realloc(void *p, size_t n)
{
	return __eft_watched ? __eft_watched_realloc(p, n)
			     : __eft_realloc_impl(p, n);
}

void *realloc(void *p, size_t n) __attribute__((alias("__libc_realloc")));

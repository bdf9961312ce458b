// SPDX-License-Identifier: BSD-3-Clause
#include "eft_valgrind.h"
#include <stdlib.h>

void __libc_free(void *p)
{
	__eft_free_impl(p);
}

void free(void *p) __attribute__((alias("__libc_free")));

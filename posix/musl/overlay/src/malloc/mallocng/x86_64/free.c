// SPDX-License-Identifier: BSD-3-Clause
/* The release's own under another name: see eft_valgrind.h. */
#define _BSD_SOURCE
#include "../meta.h"
#include "eft_valgrind.h"

#undef free
#define free __eft_free_impl

#include "../free.c"

// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own, which looks for zeroes in what it has not written: see
 * eft_valgrind.h.
 */
#include "eft_valgrind.h"
#include <stdlib.h>

#define malloc(n) (__eft_watched ? __eft_watched_calloc(n) : malloc(n))

#include "../calloc.c"

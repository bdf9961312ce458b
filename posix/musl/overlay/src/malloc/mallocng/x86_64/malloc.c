// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own, but that it says what it maps to the compiler, and not to
 * mmap(), which maps files too: all of it is anonymous.
 */
#define _GNU_SOURCE
#include "../meta.h"

#undef mmap
#define mmap(...) ((void *)__syscall_ret(__syscall(SYS_mmap, __VA_ARGS__)))

#include "../malloc.c"

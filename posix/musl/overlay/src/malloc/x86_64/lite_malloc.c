// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own, but that valgrind may watch (eft_valgrind.h), and that
 * what it maps is said to be anonymous (mallocng/x86_64/malloc.c).
 */
#include "eft_valgrind.h"
#include "syscall.h"
#include <stdlib.h>
#include <sys/mman.h>

#define __libc_malloc_impl(n) \
	(__eft_watched ? __eft_watched_malloc(n) : __libc_malloc_impl(n))

#define __mmap(...) ((void *)__syscall_ret(__syscall(SYS_mmap, __VA_ARGS__)))

#include "../lite_malloc.c"

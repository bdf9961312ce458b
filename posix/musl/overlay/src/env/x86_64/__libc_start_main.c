// SPDX-License-Identifier: BSD-3-Clause
/*
 * The release's own start, but for its check of the standard descriptors in
 * set-user-ID programs (poll, open of /dev/null): it would bring every image
 * a file system. The libOS sees to those descriptors.
 */
#include "syscall.h"

#undef __syscall
#undef __sys_open
#define __syscall(...)		0
#define __sys_open(path, flags) 0

#include "../__libc_start_main.c"

// SPDX-License-Identifier: BSD-3-Clause
#include "core/boot.h"
#include "core/cache.h"
#include "posix/syscalls.h"

/* Only images with files that are not in memory have it. */
#pragma weak eft_page_cache_end

long eft_sys_exit_group(int status)
{
	if (eft_page_cache_end != NULL)
		eft_page_cache_end();
	eft_exit(status & 0xff);
}

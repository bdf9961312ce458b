// SPDX-License-Identifier: BSD-3-Clause
#include "core/boot.h"
#include "core/cache.h"
#include "core/socket.h"
#include "core/thread.h"
#include "posix/syscalls.h"

/* Only images with files that are not in memory have it. */
#pragma weak eft_page_cache_end
#pragma weak eft_threads_park
/* Only images with the internet. */
#pragma weak eft_inet_end

long eft_sys_exit_group(int status)
{
	if (eft_page_cache_end != NULL) {
		eft_threads_park();
		eft_page_cache_end();
	}
	if (eft_inet_end != NULL)
		eft_inet_end();
	eft_exit(status & 0xff);
}

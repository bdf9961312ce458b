// SPDX-License-Identifier: BSD-3-Clause
/*
 * Moving bytes between two files of the host's, and to where they last.
 */
#include "core/dev/host.h"
#include "plat-linuxu/linuxu.h"

static long host_move(enum eft_host_call call, const long args[6])
{
	static const short numbers[] = {
		[EFT_HOST_SENDFILE] = SYS_sendfile,
		[EFT_HOST_COPY_RANGE] = SYS_copy_file_range,
		[EFT_HOST_SYNCFS] = SYS_syncfs,
	};

	return eft_linux6(numbers[call], args[0], args[1], args[2], args[3],
			  args[4], args[5]);
}

static const struct eft_host_moving host_moving = {.move = host_move};

const struct eft_host_moving *eft_plat_host_moving(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_moving : NULL;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/time.h"
#include "core/tty/tty.h"

int eft_tty_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	struct eft_timespec boot = {
		.sec = (int64_t)(eft_realtime_ns() / 1000000000),
	};

	*ret_stat = (struct eft_stat){
		.dev = EFT_TTY_DEV,
		.ino = EFT_TTY_INO,
		.nlink = 1,
		.mode = S_IFCHR | 0600,
		.rdev = EFT_TTY_RDEV,
		.blksize = EFT_PAGE_SIZE,
		.atime = boot,
		.mtime = boot,
		.ctime = boot,
	};
	return 0;
}

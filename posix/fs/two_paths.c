// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls on two paths.
 */
#include "posix/fs/two_paths.h"

long eft_start_two(int fd, const char eft_user *path, int to_fd,
		   const char eft_user *to, bool empty,
		   struct eft_user_at ret_at[2])
{
	long result = eft_user_path_start(fd, path, empty, &ret_at[0]);

	if (result < 0)
		return result;
	result = eft_user_path_start(to_fd, to, false, &ret_at[1]);
	if (result < 0) {
		eft_user_path_end(&ret_at[0]);
		return result;
	}
	if (*ret_at[0].path == '\0' || ret_at[0].file->fs == ret_at[1].file->fs)
		return 0;
	eft_end_two(ret_at);
	return -EXDEV;
}

void eft_end_two(struct eft_user_at at[2])
{
	eft_user_path_end(&at[0]);
	eft_user_path_end(&at[1]);
}

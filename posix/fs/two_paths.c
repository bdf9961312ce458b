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
	return 0;
}

bool eft_are_apart(const struct eft_user_at at[2])
{
	return *at[0].path != '\0' && at[0].file->fs != at[1].file->fs;
}

void eft_end_two(struct eft_user_at at[2])
{
	eft_user_path_end(&at[0]);
	eft_user_path_end(&at[1]);
}

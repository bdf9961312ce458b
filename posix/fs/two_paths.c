// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls on two paths.
 */
#include "posix/fs/two_paths.h"

long eft_start_two(int fd, const char *path, int to_fd, const char *to,
		   bool empty, struct eft_at ret_at[2])
{
	long result = eft_path_start(fd, path, empty, &ret_at[0]);

	if (result < 0)
		return result;
	result = eft_path_start(to_fd, to, false, &ret_at[1]);
	if (result < 0) {
		eft_file_put(ret_at[0].file);
		return result;
	}
	if (*ret_at[0].path == '\0' || ret_at[0].file->fs == ret_at[1].file->fs)
		return 0;
	eft_file_put(ret_at[0].file);
	eft_file_put(ret_at[1].file);
	return -EXDEV;
}

void eft_end_two(struct eft_at at[2])
{
	eft_file_put(at[0].file);
	eft_file_put(at[1].file);
}

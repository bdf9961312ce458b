// SPDX-License-Identifier: BSD-3-Clause
/*
 * The path of the working directory.
 */
#include "core/file.h"

ssize_t eft_getcwd(char *buf, size_t size)
{
	struct eft_at at;
	struct eft_stat st;
	ssize_t len = eft_path_start(AT_FDCWD, "", true, &at);

	if (len != 0)
		return len;
	len = at.file->ops->stat(at.file, &st);
	if (len == 0 && st.nlink == 0)
		len = -ENOENT; /* removed */
	if (len == 0)
		len = eft_file_path(at.file, buf, size);
	if (len == -ENAMETOOLONG || len == (ssize_t)size)
		len = -ERANGE;
	if (len >= 0)
		buf[len++] = '\0';
	eft_file_put(at.file);
	return len;
}

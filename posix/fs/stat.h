// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What stat(2) and statx(2) have in common.
 */
#include "core/file.h"

/*
 * What is at (path) from (dirfd), by fstatat(2)'s flags.
 *
 * Returns   0; -EINVAL a flag that nobody knows; as eft_user_path_start(), and
 *           what the file system says
 */
long eft_stat_at(int dirfd, const char eft_user *path, int flags,
		 struct eft_stat *ret_stat);

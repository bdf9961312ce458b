// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What rename(2) and link(2) have in common.
 */
#include "posix/fs/path.h"

/*
 * Where two paths start, as eft_user_path_start() says it; perhaps in two file
 * systems, as the second says. (empty): the first may be.
 *
 * Owns      gives two references, which eft_end_two() gives back
 */
long eft_start_two(int fd, const char eft_user *path, int to_fd,
		   const char eft_user *to, bool empty,
		   struct eft_user_at ret_at[2]);
bool eft_are_apart(const struct eft_user_at at[2]);
void eft_end_two(struct eft_user_at at[2]);

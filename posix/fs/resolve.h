// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Opening by a path whose way is restricted (openat2(2), RESOLVE_).
 */
#include "core/file.h"
#include "core/statx.h"

/*
 * Open (path) from (dirfd), as (how) says, which is valid.
 *
 * Returns   0; as eft_path_open(); -EXDEV it would leave the directory, or the
 *           mount; -ELOOP a link that is not to be followed
 */
int eft_resolve_open(int dirfd, const char *path,
		     const struct eft_open_how *how,
		     struct eft_file **ret_file);

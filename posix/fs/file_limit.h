// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The limit on the size of files (RLIMIT_FSIZE). Weak: an image that sets no
 * limits has none.
 */
#include "core/file.h"

/* UINT64_MAX: none. Who sets it has the rest of this in the image. */
void eft_file_limit_set(uint64_t bytes);

/* eft_file_write() of what the limit leaves; -EFBIG nothing, with SIGXFSZ. */
ssize_t eft_file_write_limited(struct eft_file *file,
			       const struct eft_iovec *iov, int count,
			       off_t at) eft_weak;

/* May a file have (size) bytes? 0; -EFBIG, with SIGXFSZ. */
long eft_file_limit_check(uint64_t size) eft_weak;

static inline long eft_file_may_grow(uint64_t size)
{
	return eft_file_limit_check != NULL ? eft_file_limit_check(size) : 0;
}

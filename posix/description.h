// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What calls on descriptors have in common.
 */
#include "core/file.h"

/* Give (file) those of (flags) that may change (F_SETFL). */
long eft_set_flags(struct eft_file *file, int flags);
long eft_set_cloexec(int fd, int flag);

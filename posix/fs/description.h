// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What calls on descriptors have in common.
 */
#include "core/file.h"

/* Give (file) those of (flags) that may change (F_SETFL). */
long eft_set_flags(struct eft_file *file, int flags);
long eft_set_cloexec(int fd, int flag);

/* fcntl(2), F_GETFD to F_SETFL. */
long eft_fcntl_flags(int fd, int command, unsigned long arg);

/* fcntl(2), F_ADD_SEALS and F_GET_SEALS: memfd.c. */
long eft_memfd_fcntl(struct eft_file *file, int command, unsigned seals);

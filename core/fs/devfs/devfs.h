// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * /dev/zero, which can be mapped. Private to devfs.
 */
#include "core/vfs/vfs.h"

/* dev.c: what it can do in images that map files. */
extern const struct eft_file_ops eft_dev_zero_ops;

// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Descriptions that have no place in any file system: pipes, eventfd(2) and
 * their kin. Private to core.
 */
#include "core/file.h"

enum { EFT_ANON_DEV = 2 }; /* st_dev of all of them */

/* Only /proc calls an info operation. */
extern __typeof__(eft_text_printf) eft_text_printf eft_weak;

/* A number for /proc/self/fd and st_ino. */
uint64_t eft_anon_ino(void);

/* What fstat(2) tells of a thing of (mode), numbered (ino). */
void eft_anon_stat(unsigned mode, uint64_t ino, struct eft_stat *ret_stat);

/* The stat operation of those that are all one to fstat(2), as on Linux. */
int eft_anon_file_stat(struct eft_file *file, struct eft_stat *ret_stat);

/* Write (name) as a path operation does. */
ssize_t eft_anon_path(const char *name, char *buf, size_t size);

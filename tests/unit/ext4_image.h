// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Images of file systems, by the host's e2fsprogs.
 */
#include <stddef.h>
#include <stdint.h>

/* Run (fmt) by the shell, with %s the image's name; its status. */
int image_run(const char *fmt);
/* Files of the host's, of this process's alone; the image is the first. */
const char *image_path(void);

/* Make one of (bytes) by mkfs.ext4 with (options); copy it to (data). */
void image_make(const char *options, uint8_t *data, size_t bytes);
/* Write (data) to the image's file; read it from there. */
void image_save(const uint8_t *data, size_t bytes);
void image_load(uint8_t *data, size_t bytes);
/* Write (text) to a file beside it, the image's name with (suffix). */
void image_write(const char *suffix, const char *text, size_t len);
/* What e2fsck -fn says of (data): its status; the words are on stderr, if any. */
int image_check(const uint8_t *data, size_t bytes);

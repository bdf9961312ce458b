// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The option mount.PATH: mount_option.c, which not every image has. Private to
 * core.
 */
#include "core/base.h"

/* Remember (key)=(value), both live until exit; false: it is no mount.PATH. */
bool eft_mount_option(const char *key, char *value);

/*
 * Make the host's folder (path), NULL: all of the host's, the root, if there is
 * something to mount. Ends the boot if it cannot.
 */
bool eft_mount_host_root(const char *path);

/*
 * mount_root.c: have the root be (source) of the type (type), and not what is in
 * memory, of which /dev and /proc go over the folders that it has of these
 * names. Where one is missing a warning is logged.
 *
 * Returns   0; as eft_mount_as_root()
 */
int eft_mount_root(const char *source, const char *type, unsigned long flags,
		   const char *options);

/*
 * Mount all, the root first. Ends the boot if something cannot be mounted.
 * (has_archive): the root in memory has an archive's files.
 */
void eft_mount_all(bool has_archive);

/* The same, but for the end: or an error, and whose: *ret_path. */
int eft_mount_each(bool has_archive, const char **ret_path);

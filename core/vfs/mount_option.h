// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The option mount.PATH: mount_option.c, which not every image has. Private to
 * core.
 */
#include "core/base.h"

struct eft_file;

/* Remember (key)=(value), both live until exit; false: it is no mount.PATH. */
bool eft_mount_option(const char *key, char *value);

/*
 * Make the host's folder (path), NULL: all of the host's, the root, if there is
 * something to mount. Ends the boot if it cannot.
 */
bool eft_mount_host_root(const char *path);

/* Mount all, from (root). Ends the boot if something cannot be mounted. */
void eft_mount_all(struct eft_file *root);

/* The same, but for the end: or an error, and whose: *ret_path. */
int eft_mount_each(struct eft_file *root, const char **ret_path);

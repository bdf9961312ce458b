// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Open file descriptions over a host's handles (core/dev/host.h). Private to
 * core/file.
 */
#include "core/dev/host.h"
#include "core/file.h"

/*
 * A description over (handle), whose path operations are (fs), or NULL.
 *
 * Returns   0; -ENOMEM
 * Owns      takes (handle), also on failure; gives *ret_file
 */
int eft_hostfile_create(int handle, int flags, const struct eft_fs_ops *fs,
			struct eft_file **ret_file);

/* The handle of (file), which eft_hostfile_create() made. */
int eft_hostfile_handle(const struct eft_file *file);

/* Operations of hostlock.c. */
int eft_hostfile_lock(struct eft_file *file, int command,
		      struct eft_flock *lock);
int eft_hostfile_flock(struct eft_file *file, int operation);
void eft_hostfile_closed(struct eft_file *file);

/*
 * The path of a handle, without a NUL; returns its length. Weak in
 * hostfile.c: absent in an image that has no path calls.
 */
ssize_t eft_hostfs_path(int handle, char *buf, size_t size);

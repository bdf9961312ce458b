// SPDX-License-Identifier: BSD-3-Clause
/*
 * The path of a description over a host's handle.
 */
#include "core/fs/hostfs/hostfs.h"

#pragma weak eft_hostfs_path

ssize_t eft_hostfile_path(struct eft_file *file, char *buf, size_t size)
{
	if (eft_hostfs_path == NULL)
		return -ENOENT;
	return eft_hostfs_path(eft_hostfile_handle(file), buf, size);
}

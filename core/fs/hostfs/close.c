// SPDX-License-Identifier: BSD-3-Clause
/*
 * close(2) of a host's file. What its file system could not write is told by the
 * host's close(): by a server of files, or one that counts what users have. So
 * the last descriptor's reaches the host at once, if nothing else refers to the
 * description.
 */
#include "core/fs/hostfs/hostfs.h"

/* Only images with locks have it. */
#pragma weak eft_hostfile_drop_locks

int eft_hostfile_closed(struct eft_file *file)
{
	struct eft_hostfile *hf = eft_hostfile_of(file);
	int handle = hf->handle;

	if (__atomic_load_n(&file->references, __ATOMIC_ACQUIRE) == 1) {
		hf->handle = -1;
		return eft_plat_host_files()->close(handle);
	}
	if (eft_hostfile_drop_locks != NULL)
		eft_hostfile_drop_locks(file);
	return 0;
}

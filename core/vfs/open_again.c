// SPDX-License-Identifier: BSD-3-Clause
/*
 * A second description of what is open already.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/move.h"
#include "core/vfs/vfs.h"

eft_needs(eft_hostfs_reopen);

int eft_file_open_again(struct eft_file *file, int flags,
			struct eft_file **ret_file)
{
	struct eft_place *place = eft_place_of(file);

	if (place != NULL)
		return eft_node_open(place, flags, ret_file);
	if (file->ops->reopen == NULL)
		return -ENXIO;
	return file->ops->reopen(file, flags, ret_file);
}

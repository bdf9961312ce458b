// SPDX-License-Identifier: BSD-3-Clause
/*
 * Opening /dev/zero, in images that map files: others have it without what it
 * can do beyond other devices.
 */
#include "core/fs/devfs/devfs.h"

/* An image may map files and open none. */
#pragma weak eft_dev_zero_ops
#pragma weak eft_node_open_by

int eft_dev_zero_open(const struct eft_place *place, int flags,
		      struct eft_file **ret_file)
{
	return eft_node_open_by(place, &eft_dev_zero_ops, flags, ret_file);
}

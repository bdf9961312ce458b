// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the flags of a mount refuse or leave out (mount(2)); only images that
 * mount have it.
 */
#include "core/vfs/vfs.h"

enum eft_atime eft_mount_atime(const struct eft_place *place)
{
	uint32_t flags = eft_mount_flags(place->mount);

	if (flags & (MS_RDONLY | MS_NOATIME))
		return EFT_ATIME_NEVER;
	if (flags & MS_NODIRATIME && eft_node_is(place->node, S_IFDIR))
		return EFT_ATIME_NEVER;
	return flags & MS_STRICTATIME ? EFT_ATIME_ALWAYS : EFT_ATIME_RELATIVE;
}

bool eft_mount_hides_device(const struct eft_place *place)
{
	return eft_mount_flags(place->mount) & MS_NODEV &&
	       (eft_node_is(place->node, S_IFCHR) ||
		eft_node_is(place->node, S_IFBLK));
}

bool eft_file_runs_nothing(struct eft_file *file)
{
	const struct eft_place *place = eft_place_of(file);

	return place != NULL && eft_mount_flags(place->mount) & MS_NOEXEC;
}

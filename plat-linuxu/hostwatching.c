// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's inotify(7).
 */
#include "core/dev/host.h"
#include "plat-linuxu/linuxu.h"

static int host_create(int flags)
{
	eft_linuxu_note_given(); /* a descriptor is to be opened */
	return eft_linux3(SYS_inotify_init1, flags | O_CLOEXEC, 0, 0);
}

static int host_add(int handle, const char *path, unsigned mask)
{
	return eft_linux3(SYS_inotify_add_watch, handle, (long)path, mask);
}

static int host_remove(int handle, int watch)
{
	return eft_linux3(SYS_inotify_rm_watch, handle, watch, 0);
}

static const struct eft_host_watching host_watching = {
	.create = host_create,
	.add = host_add,
	.remove = host_remove,
};

const struct eft_host_watching *eft_plat_host_watching(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_watching : NULL;
}

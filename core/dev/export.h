// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: where the program's files go when it ends
 * (core/fs/initrd/export.c). The other side is tools/collect, which `eft run
 * --out` starts.
 *
 * Context: thread, or a crash; the instance is about to end.
 */
#include "core/base.h"

struct eft_export {
	/* Write (len) bytes of the list of files. */
	void (*write)(const void *buf, size_t len);
	/*
	 * The physical address of (page), whose bytes the other side takes
	 * from there when the instance has ended. NULL: it cannot, they are
	 * written.
	 */
	uint64_t (*address)(const void *page);
};

/*
 * By the host's descriptor (to), or by a guest's port. NULL: this is no
 * process, no guest, or nobody takes them.
 */
const struct eft_export *eft_plat_process_export(uint64_t to);
const struct eft_export *eft_plat_guest_export(void);

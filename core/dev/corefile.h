// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: where a process leaves a core file when it crashes. A guest has
 * none: its host writes one (tools/guest-dump).
 *
 * Context: any; the instance is about to end, and its memory may be anything.
 */
#include "core/base.h"

struct eft_corefile {
	/*
	 * Make the host's file (path), of (size) bytes, all of them 0.
	 *
	 * Returns   0; or the host's error
	 */
	int (*create)(const char *path, uint64_t size);

	/*
	 * Write (len) bytes, whole pages or less than one, at (at). What cannot
	 * be read, and pages of zeroes, are left out.
	 */
	void (*write)(uint64_t at, const void *buf, size_t len);

	/*
	 * Have all other CPUs stand still for good, those that can be reached:
	 * each leaves where it was in its eft_cpu.stopped_at.
	 */
	void (*stop_others)(void);

	/* Have [start, end) in the core file that the host itself may write. */
	void (*show)(uintptr_t start, uintptr_t end);

	/*
	 * Write (text) to the host's descriptor (to); NULL: close it, and wait
	 * until the other side has closed (to) + 1: it has told the user.
	 */
	void (*tell)(int to, const char *text);
};

/*
 * What is eft_plat.tell; weak there. Core's, since it has the option that says
 * whether somebody listens.
 */
bool eft_corefile_tell(const char *text);

/* NULL where there is none. */
const struct eft_corefile *eft_plat_corefile(void);

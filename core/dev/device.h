// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device classes: a platform may have several drivers of a class, and each of
 * them several devices. They are looked for when the class is first asked for.
 *
 * A class is a header of this folder, with its operations and with a list of
 * each platform's finders; its .c file is what the subsystem asks. An image
 * without the subsystem has none of its drivers.
 */
#include "core/base.h"

/* The first member of a class's own structure. It lives until exit. */
struct eft_device {
	const char *name; /* for the log: "virtio 4 at 0xfeb02e00" */
	struct eft_device *next;
};

struct eft_device_class {
	const char *name;
	/* NULL at the end. Context: thread or boot; one at a time, of all. */
	void (*const *finders)(struct eft_device_class *class);

	bool looked; /* atomic */
	struct eft_device *first, **end;
};

/* A finder's: (device) is one of (class), behind those that were found. */
void eft_device_add(struct eft_device_class *class, struct eft_device *device);

/*
 * The device of (class) after (device), the first for NULL, in the order in
 * which they were found.
 *
 * Returns   NULL at the end
 * Context   thread or boot; with no lock below EFT_RANK_DEVICES
 */
struct eft_device *eft_device_next(struct eft_device_class *class,
				   struct eft_device *device);

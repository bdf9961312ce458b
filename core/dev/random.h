// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: a source of random bytes besides eft_plat->entropy(). An image
 * has it when it is linked with -Wl,-u,eft_random_begin: then all that was found
 * is mixed into the generator (core/random.h) at boot.
 */
#include "core/dev/device.h"

struct eft_random_source {
	struct eft_device device;

	/*
	 * Ask for (len) bytes, of which there may come less. (done) is called
	 * once, as an interrupt, with what came; 0 bytes: nothing will.
	 *
	 * len       at most EFT_RANDOM_BYTES
	 * Returns   0; -EBUSY it was asked already; -EIO it does not work
	 */
	int (*ask)(struct eft_random_source *source, size_t len,
		   void (*done)(const void *data, size_t len));
};

enum { EFT_RANDOM_BYTES = 64 };

/*
 * Ask all sources, and wait for the first answer, for some tenths of a second
 * at most. What comes later is mixed in, too. Context: boot.
 */
void eft_random_begin(void);

/* The platforms' finders. */
void eft_plat_guest_find_random(struct eft_device_class *class);

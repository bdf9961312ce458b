// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: a balloon, by which the host has memory back that the guest
 * does not need. Its driver takes pages and gives them back as the host says;
 * which there are, core says (core/mem/balloon.c). Only images linked with
 * -Wl,-u,eft_balloon have it.
 */
#include "core/dev/device.h"

struct eft_balloon {
	struct eft_device device;

	/* There may be pages to take again. Context: interrupt. */
	void (*go_on)(struct eft_balloon *balloon);

	/*
	 * Begin to give (pages) back, or more, if none are on their way yet: the
	 * host wants to hear of it, but says that it may be done unasked.
	 *
	 * Returns   false: it has none, or the host says no such thing
	 * Context   thread, with no lock
	 */
	bool (*shrink)(struct eft_balloon *balloon, uint64_t pages);
};

/*
 * A page that nobody has, and that the program is not promised: from now on its
 * contents are the host's.
 *
 * Returns   NULL: there is none to spare; go_on() is called after a while
 * Context   interrupt, thread; with no lock above EFT_RANK_BALLOON
 */
void *eft_balloon_take(void);

/* A page of the balloon's is the guest's again. Context: as above. */
void eft_balloon_give(void *page);

/* Pages that there are, and that are free. Context: as above. */
void eft_balloon_stats(uint64_t *ret_total, uint64_t *ret_free);

extern const char eft_balloon[];

/* virtio-balloon */
void eft_plat_guest_find_balloon(struct eft_device_class *class);

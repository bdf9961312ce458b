// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: a console that moves buffers, and whose input has an end of its
 * own, so that every byte is data. The terminal (core/tty/device.c) uses the
 * first that there is in place of the serial line.
 */
#include "core/dev/device.h"

/* Who gets what arrives. Context: interrupt, or eft_console.resume(). */
struct eft_console_sink {
	/* How many of (len) were taken; less: no more before resume(). */
	size_t (*data)(const uint8_t *buf, size_t len);
	/* That was all, for good. */
	void (*end)(void);
};

struct eft_console {
	struct eft_device device;

	size_t chunk_bytes;

	/*
	 * A chunk for output, of (chunk_bytes), the caller's until send();
	 * NULL: none is free, ask again after a while.
	 * Context: any that holds no lock from EFT_RANK_VIRTQUEUE on.
	 */
	void *(*reserve)(struct eft_console *console);

	/* Send the first (len) bytes of (chunk); 0: none. Context: as above. */
	void (*send)(struct eft_console *console, void *chunk, size_t len);

	/* Give all that arrives to (sink) from now on. Context: thread, boot */
	void (*start)(struct eft_console *console,
		      const struct eft_console_sink *sink);

	/* Go on after data() took less than there was. Context: thread */
	void (*resume)(struct eft_console *console);
};

/* virtio-console */
void eft_plat_guest_find_console(struct eft_device_class *class);

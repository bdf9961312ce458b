// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the files of virtio-console:
 *
 *	console.c	  ports, their bytes
 *	console_control.c what the device and the driver tell each other of them
 */
#include "core/dev/console.h"
#include "plat-kvm/virtio/virtio.h"

enum { MULTIPORT = 1 };	   /* its feature, §5.3.3 */
enum { CONFIG_PORTS = 4 }; /* how many ports there may be, §5.3.4 */

enum { PORTS_MAX = 3, IN_ORDER = 3, CHUNK_ORDER = 4 };
enum { IN_PAGES = 1 << IN_ORDER, CHUNKS = 1 << CHUNK_ORDER };
enum { CONTROLS = 16 }; /* messages under way, in each direction */

#define CHUNK_BYTES EFT_PAGE_SIZE
#define CHUNKS_MASK ((1ull << CHUNKS) - 1)

struct console;

/* A page of input: the device's, or [at, len) of it is to be given on. */
struct arrived {
	uint8_t *data;
	uint32_t at, len;
	struct arrived *next;
};

struct port {
	struct console *console;
	unsigned number;
	struct eft_virtio_queue in, out;

	/* Owned by the console's (receiving). */
	unsigned lent;	       /* pages that the device has */
	bool closed;	       /* by the host: nothing more will come */
	struct arrived *first; /* the oldest that was not given on */
};

struct control { /* a message, §5.3.6.2 */
	uint32_t port;
	uint16_t event, value;
};

struct heard { /* room for one of the device's, which may have a name */
	struct control message;
	uint8_t rest[120];
};

struct console {
	struct eft_console console;
	struct eft_virtio *v;
	bool multiport;
	unsigned port_count;
	struct port port[PORTS_MAX];
	uint32_t added, usable; /* ports, a bit each; atomic */

	uint8_t *chunks;
	uint64_t taken; /* atomic */

	struct eft_lock receiving; /* owns what follows */
	const struct eft_console_sink *sink;
	bool ended;
	struct arrived arrived[IN_PAGES];

	/* console_control.c */
	struct eft_virtio_queue control_in, control_out;
	struct heard *in; /* (CONTROLS) of each; the device sees them */
	struct control *out;
	uint64_t control_taken; /* of (out); atomic */
};

_Static_assert(sizeof(struct console) <= EFT_PAGE_SIZE, "");

/* Start the queues for messages. False: that failed. */
bool eft_virtio_console_control(struct console *c);
/* Tell the device to tell of its ports. */
void eft_virtio_console_ready(struct console *c);
/* The host has opened (port), or closed it. Context: interrupt. */
void eft_virtio_console_opened(struct console *c, struct port *port, bool open);

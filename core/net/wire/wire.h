// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A process's network devices: frames by a handle of the host's. find.c reads
 * the option net= and begins the device, wire.c has what all have in common
 * (who is told, what waits to be sent), tap.c and stream.c a kind each.
 *
 * LOCKS  (sending) owns what waits to be sent, and is held while something is
 *        written, and while the handle changes. All else is poll()'s, but for
 *        what says that it is atomic.
 */
#include "core/dev/hostwire.h"
#include "core/dev/netbuffer.h"
#include "core/lib.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/thread.h"
#include "core/user.h"

struct eft_wire;

struct eft_wire_kind {
	/*
	 * Hand over what has arrived, (budget) frames at most.
	 *
	 * ret_error  why there will be no more, or 0
	 */
	unsigned (*receive)(struct eft_wire *wire, unsigned budget,
			    int *ret_error);
	/*
	 * Write (frame), of whose bytes on the wire (wire->sent) are there.
	 *
	 * Returns   0 all is; -EAGAIN; another error
	 */
	int (*write)(struct eft_wire *wire, const struct eft_net_frame *frame);
	/* Somebody else may have come. Returns   a handle; an error */
	int (*accept)(struct eft_wire *wire);
};

/* The host is to tell of (events) of the handle. */
struct eft_wire_ticket {
	struct eft_wire *wire;
	int ticket;
	bool waits; /* atomic */
};

struct eft_wire {
	struct eft_net net;
	const struct eft_wire_kind *kind;
	const struct eft_net_sink *sink;
	void *arg;
	char name[120]; /* "tap:eft0" */

	int handle; /* -1: none */
	bool told;  /* poll() is to come, or under way; atomic */
	bool up;    /* atomic */
	struct eft_wire_ticket in, out;

	/* Owned by (sending). */
	struct eft_mutex sending;
	struct eft_net_frame *pending; /* what has no room */
	size_t sent;		       /* bytes of it that are written */
	bool stalled;		       /* a sender waits for room */

	/* tap.c: room for the next frame. */
	struct eft_net_buffer *first;
	void *pages[EFT_NET_PARTS_MAX];

	/* stream.c */
	int listening; /* -1: it has connected */
	uint8_t *bytes;
	size_t at, have;
};

/* The parts of a wire's bytes from (skip) on: a header, and the frame's. */
struct eft_wire_vector {
	struct eft_iovec iov[EFT_NET_PARTS_MAX + 1];
	int count;
};

void eft_wire_vector(const void *header, size_t header_len,
		     const struct eft_net_frame *frame, size_t skip,
		     struct eft_wire_vector *ret_vector);

static inline void eft_wire_count(uint64_t *count, uint64_t more)
{
	__atomic_fetch_add(count, more, __ATOMIC_RELAXED);
}

/* Count (frame), and give it to the stack. */
void eft_wire_deliver(struct eft_wire *wire, struct eft_net_frame *frame);

/* poll() is to be called, or will look again. Context: any. */
void eft_wire_tell(struct eft_wire *wire);
void eft_wire_set_up(struct eft_wire *wire, bool up);

/* The operations of (wire->net). */
void eft_wire_init(struct eft_wire *wire);

/*
 * Begin one of a kind. (name): what follows "tap:" or "unix:".
 *
 * Returns   NULL; what is wrong
 */
const char *eft_wire_begin_tap(struct eft_wire *wire, const char *name);
const char *eft_wire_begin_stream(struct eft_wire *wire, const char *path,
				  bool listens);

/*
 * The option's value: KIND[:NAME][,mac=ADDRESS][,mtu=BYTES].
 *
 * Returns   NULL; what is wrong
 */
struct eft_wire_choice {
	char kind[8], name[112];
	uint8_t address[EFT_NET_ADDRESS_BYTES]; /* all 0: none was given */
	uint32_t mtu;
};

const char *eft_wire_parse(const char *value,
			   struct eft_wire_choice *ret_choice);

/*
 * A device in front of (inner), which writes all frames to the host's file
 * (path). NULL: it cannot be made, or there is no memory.
 */
struct eft_net *eft_pcap_wrap(struct eft_net *inner, const char *path);

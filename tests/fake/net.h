// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A network device, and what is at the other end of its wire: the test's peer(),
 * which gets each frame whole, and answers by fake_net_receive().
 */
#include "core/dev/net.h"

enum { FAKE_NET_FRAME = 2048, FAKE_NET_DEPTH = 64 };

struct fake_net_arrived;

struct fake_net {
	struct eft_net net;
	const struct eft_net_sink *sink;
	void *arg;

	void (*peer)(struct fake_net *net, const uint8_t *data, unsigned len);
	/* What was sent comes back at the next poll(), not at once. */
	bool slow;
	unsigned room; /* so many of these at a time; 0: FAKE_NET_DEPTH */
	bool up;
	bool link_changed;
	unsigned split; /* bytes of a part of what arrives; 0: whole */
	bool right;	/* what arrives has a right checksum */

	struct eft_net_frame *sent[FAKE_NET_DEPTH];
	unsigned sent_count;
	struct fake_net_arrived *arrived, **arrived_end;
	unsigned lent;	  /* frames that arrived and are not done */
	unsigned flushes; /* frames were sent that none has told of */
	bool unflushed;
	bool partial;	 /* the last one had a partial checksum */
	unsigned splits; /* pieces that large ones became */
};

/* Found when the stack looks. Context: after fake_boot(). */
void fake_net_init(struct fake_net *net);
/* A frame comes: an interrupt. */
void fake_net_receive(struct fake_net *net, const void *data, unsigned len);
void fake_net_link(struct fake_net *net, bool up);

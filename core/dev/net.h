// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: a network interface that moves Ethernet frames.
 *
 * Frames are lent in both directions: what is sent is the sender's again when
 * (done) was called, what has arrived is the driver's again when its receiver
 * calls (done). The driver interrupts, and does nothing else in interrupts: the
 * stack's thread then calls poll(), which hands over what has arrived, calls
 * (done) of what was sent, and switches the interrupts on again.
 *
 * Checksums and segmentation are as in virtio's header (VIRTIO 1.2 §5.1.6), which
 * Linux's TAP has too.
 */
#include "core/abi.h"
#include "core/dev/device.h"

enum {
	EFT_NET_ADDRESS_BYTES = 6,
	EFT_NET_ETHERNET_HEADER = 14,
	EFT_NET_PARTS_MAX = 20, /* of a frame: 64 KiB in pages, and headers */
	EFT_NET_FRAME_MAX = 65536 + 64,
};

/* What the device does (a sender's), or has done (a receiver's). */
enum eft_net_features {
	EFT_NET_SEND_CHECKSUM = 1, /* it completes partial checksums */
	EFT_NET_SEND_TCP4 = 2,	   /* it splits large segments */
	EFT_NET_SEND_TCP6 = 4,
	EFT_NET_RECEIVE_CHECKSUM = 8, /* frames may say that theirs is right */
	EFT_NET_RECEIVE_LARGE = 16,   /* frames may be merged segments */
	EFT_NET_DOORBELL = 32,	      /* flush() is dear, and for any context */
};

enum eft_net_segments { EFT_NET_WHOLE, EFT_NET_TCP4, EFT_NET_TCP6 };

/* Memory of the libOS's, contiguous where it is physical. */
struct eft_net_part {
	void *data;
	uint32_t len;
};

struct eft_net_frame {
	struct eft_net_part parts[EFT_NET_PARTS_MAX];
	unsigned count;
	uint32_t
		len; /* of all parts; from the Ethernet header on, without FCS */

	/*
	 * Sent: the checksum from (checksum_start) on is to be put (offset)
	 * behind it, where the pseudo header's sum is. Received: the same is
	 * left to do, but the data are known to be right; or (checksum_right).
	 */
	bool checksum_partial, checksum_right;
	uint16_t checksum_start, checksum_offset;
	/* Segments of (segment_bytes) of payload behind (header_bytes). */
	enum eft_net_segments segments;
	uint16_t segment_bytes, header_bytes;

	/*
	 * It is its owner's again. Context: thread, poll()'s or send()'s; a
	 * received frame's: any that holds no lock from EFT_RANK_VIRTQUEUE on.
	 */
	void (*done)(struct eft_net_frame *frame);
	void *arg;		    /* the owner's own */
	struct eft_net_frame *next; /* whoever has it */
};

struct eft_net;

/* Who gets what arrives. */
struct eft_net_sink {
	/* poll() is to be called; once until it was. Context: interrupt */
	void (*ready)(struct eft_net *net, void *arg);
	/*
	 * Takes (frame), of which nothing but what the header's comments say is
	 * known. Context: poll()'s
	 */
	void (*frame)(struct eft_net *net, void *arg,
		      struct eft_net_frame *frame);
	/* The link went up or down. Context: poll()'s */
	void (*link)(struct eft_net *net, void *arg, bool up);
};

struct eft_net_counts {
	uint64_t frames_in, bytes_in, errors_in, dropped_in;
	uint64_t frames_out, bytes_out, errors_out, dropped_out;
};

struct eft_net {
	struct eft_device device;

	/* Facts, which do not change after start(). */
	uint8_t address[EFT_NET_ADDRESS_BYTES];
	uint32_t mtu; /* of a frame's payload, 1500 for Ethernet */
	unsigned features;

	struct eft_net_counts counts; /* atomic, each for itself */

	/* Is there a link? Context: any. */
	bool (*link)(struct eft_net *net);

	/*
	 * Receive from now on, and tell (sink).
	 *
	 * Returns   0; -ENOMEM; -EIO the device does not work
	 * Context   thread; once
	 */
	int (*start)(struct eft_net *net, const struct eft_net_sink *sink,
		     void *arg);

	/*
	 * Hand over at most (budget) frames that have arrived, and what was
	 * sent. Fewer than (budget): ready() will be called for the next ones.
	 *
	 * Context   thread, one at a time, with no spin lock
	 */
	unsigned (*poll)(struct eft_net *net, unsigned budget);

	/*
	 * Send (frame), of at most (mtu) behind its header, or large as
	 * (features) allow. The device learns of it at flush() at the latest.
	 *
	 * Returns   0: (done) will be called; -EAGAIN there is no room until
	 *           ready() says so, and the frame stays the caller's; -EIO
	 * Context   thread, one at a time, with no spin lock
	 */
	int (*send)(struct eft_net *net, struct eft_net_frame *frame);
	/* Context   that of send(); with EFT_NET_DOORBELL any */
	void (*flush)(struct eft_net *net);
};

/* The interface after (net), the first for NULL. Context: thread. */
struct eft_net *eft_net_next(struct eft_net *net);

/* The option net=, a process's; NULL: nobody said. */
extern const char *eft_net_choice;
/* net.pcap=FILE, a process's; NULL: none. */
extern const char *eft_net_pcap;

/* The platforms' finders. */
void eft_plat_guest_find_net(struct eft_device_class *class);
/* A process's, by net=: TAP, passt, QEMU's sockets (core/net/wire). */
void eft_wire_find_net(struct eft_device_class *class);

/*
 * A process's host sockets (core/dev/hostsockets.h); NULL on other platforms. Here
 * for who chooses only.
 */
struct eft_host_sockets;
const struct eft_host_sockets *eft_plat_host_sockets(void);

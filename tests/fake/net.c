// SPDX-License-Identifier: BSD-3-Clause
/*
 * The fake's network device: net.h.
 */
#include "tests/fake/net.h"
#include "core/abi.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"
#include "tests/fake/packet.h"

void *malloc(size_t size);
void free(void *ptr);

struct fake_net_arrived {
	struct eft_net_frame frame; /* first */
	struct fake_net *net;
	struct fake_net_arrived *next;
	uint8_t *data; /* of the heap, for AddressSanitizer */
};

static struct fake_net *found;

static struct fake_net *of(struct eft_net *net)
{
	return eft_container_of(net, struct fake_net, net);
}

static bool link(struct eft_net *net)
{
	return of(net)->up;
}

static int start(struct eft_net *eft_net, const struct eft_net_sink *sink,
		 void *arg)
{
	struct fake_net *net = of(eft_net);

	net->sink = sink;
	net->arg = arg;
	return 0;
}

static void arrived_done(struct eft_net_frame *frame)
{
	struct fake_net_arrived *arrived = (struct fake_net_arrived *)frame;

	arrived->net->lent--;
	free(arrived->data);
	free(arrived);
}

static void complete(struct fake_net *net)
{
	for (unsigned i = 0; i < net->sent_count; i++)
		net->sent[i]->done(net->sent[i]);
	net->sent_count = 0;
}

static unsigned poll(struct eft_net *eft_net, unsigned budget)
{
	struct fake_net *net = of(eft_net);
	struct fake_net_arrived *arrived;
	unsigned count = 0;

	complete(net);
	if (net->link_changed)
		net->sink->link(eft_net, net->arg, net->up);
	net->link_changed = false;
	while (count < budget && (arrived = net->arrived) != NULL) {
		net->arrived = arrived->next;
		count++;
		net->sink->frame(eft_net, net->arg, &arrived->frame);
	}
	return count;
}

static void interrupt(void *arg)
{
	struct fake_net *net = arg;

	net->sink->ready(&net->net, net->arg);
}

static void check_here(bool right)
{
	if (!right)
		host_abort("a frame that is not as the device needs it",
			   fake_console);
}

/* What a partial checksum leaves to the device. */
static void complete_checksum(const struct eft_net_frame *frame, uint8_t *data,
			      unsigned len)
{
	unsigned start = frame->checksum_start;

	put16(data + start + frame->checksum_offset,
	      sum16(data + start, len - start, 0));
}

enum {
	IP = EFT_NET_ETHERNET_HEADER, /* where its header is, of 20 bytes */
	TCP = IP + 20,
	TCP_SUM = 16,
	PSH = 8,
};

static void hand_over(struct fake_net *net, const struct eft_net_frame *frame,
		      uint8_t *data, unsigned len)
{
	if (frame->checksum_partial)
		complete_checksum(frame, data, len);
	if (net->peer != NULL && net->up)
		net->peer(net, data, len);
}

/*
 * Split a segment of TCP on IPv4 as the device does. Its header's sum is that of
 * the pseudo header with the large length.
 */
static void split(struct fake_net *net, const struct eft_net_frame *frame,
		  const uint8_t *data)
{
	unsigned head = frame->header_bytes, most = frame->segment_bytes, n;
	unsigned pseudo = get16(data + TCP + TCP_SUM) + 0xffff - frame->len;
	uint8_t piece[FAKE_NET_FRAME];

	check_here(frame->segments == EFT_NET_TCP4 && frame->checksum_partial);
	check_here(get16(data + IP + 2) == frame->len - IP);
	check_here(sum16(data + IP, TCP - IP, 0) == 0);
	check_here(head + most <= sizeof(piece));
	for (unsigned at = head; at < frame->len; at += n) {
		uint32_t seq = get32(data + TCP + 4) + (at - head);

		n = eft_min(most, frame->len - at);
		memcpy(piece, data, head);
		memcpy(piece + head, data + at, n);
		put16(piece + IP + 2, head + n - IP);
		put16(piece + IP + 10, 0);
		put16(piece + IP + 10, sum16(piece + IP, TCP - IP, 0));
		put32(piece + TCP + 4, seq);
		if (at + n < frame->len)
			piece[TCP + 13] &= ~PSH;
		put16(piece + TCP + TCP_SUM, (pseudo + head + n) % 0xffff);
		hand_over(net, frame, piece, head + n);
		net->splits++;
	}
}

static int send(struct eft_net *eft_net, struct eft_net_frame *frame)
{
	struct fake_net *net = of(eft_net);
	unsigned room = net->room != 0 ? net->room : FAKE_NET_DEPTH;
	uint8_t *data, *to;

	if (net->sent_count == room)
		return -EAGAIN;
	to = data = malloc(frame->len);
	for (unsigned i = 0; i < frame->count; i++) {
		memcpy(to, frame->parts[i].data, frame->parts[i].len);
		to += frame->parts[i].len;
	}
	net->partial = frame->checksum_partial;
	net->unflushed = true;
	if (frame->segments != EFT_NET_WHOLE)
		split(net, frame, data);
	else
		hand_over(net, frame, data, to - data);
	free(data);
	if (net->slow)
		net->sent[net->sent_count++] = frame;
	else
		frame->done(frame);
	return 0;
}

static void flush(struct eft_net *eft_net)
{
	struct fake_net *net = of(eft_net);

	net->flushes++;
	net->unflushed = false;
	if (net->slow)
		fake_interrupt_at(fake_now + 1000, interrupt, net);
}

static struct fake_net_arrived *make(struct fake_net *net, const void *data,
				     unsigned len)
{
	struct fake_net_arrived *arrived = malloc(sizeof(*arrived));
	unsigned split = net->split != 0 ? net->split : len;

	*arrived = (struct fake_net_arrived){.net = net, .data = malloc(len)};
	memcpy(arrived->data, data, len);
	arrived->frame.done = arrived_done;
	arrived->frame.len = len;
	arrived->frame.checksum_right = net->right;
	for (unsigned at = 0; at < len; at += split)
		arrived->frame.parts[arrived->frame.count++] =
			(struct eft_net_part){arrived->data + at,
					      eft_min(split, len - at)};
	return arrived;
}

void fake_net_receive(struct fake_net *net, const void *data, unsigned len)
{
	struct fake_net_arrived *arrived = make(net, data, len);
	bool first = net->arrived == NULL; /* those behind it come with it */

	if (first)
		net->arrived_end = &net->arrived;
	*net->arrived_end = arrived;
	net->arrived_end = &arrived->next;
	net->lent++;
	if (first)
		fake_interrupt_at(fake_now + 1000, interrupt, net);
}

void fake_net_link(struct fake_net *net, bool up)
{
	net->up = up;
	net->link_changed = true;
	fake_interrupt_at(fake_now + 1000, interrupt, net);
}

static void find(struct eft_device_class *class)
{
	eft_device_add(class, &found->net.device);
}

void fake_net_init(struct fake_net *net)
{
	found = net;
	fake_find_net = find;
	net->up = true;
	net->net = (struct eft_net){
		.device.name = "fake net",
		.address = {2, 0, 0, 0, 0, 1},
		.mtu = 1500,
		.link = link,
		.start = start,
		.poll = poll,
		.send = send,
		.flush = flush,
	};
}

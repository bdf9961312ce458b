// SPDX-License-Identifier: BSD-3-Clause
/*
 * The fake's network device: net.h.
 */
#include "tests/fake/net.h"
#include "core/abi.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"

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
	if (net->peer != NULL && net->up)
		net->peer(net, data, to - data);
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

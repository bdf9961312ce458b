// SPDX-License-Identifier: BSD-3-Clause
/*
 * A TAP interface of the host's: one frame a call, with virtio's header, so that
 * checksums and segments are the host's work.
 *
 * HOW	A frame is read into a buffer and pages behind it, as many as the longest
 *	one needs. What it did not fill is there for the next. Without memory for
 *	all of them the frame is read to be dropped.
 */
#include "core/dev/netheader.h"
#include "core/mem.h"
#include "core/net/wire/wire.h"

enum { HEADER = sizeof(struct eft_net_header) };
enum { TRASH = 64 };

static const struct eft_host_wires *host(void)
{
	return eft_plat_host_wires();
}

/* How many pages the longest frame needs beside the first buffer. */
static unsigned pages_needed(void)
{
	uint32_t rest = HEADER + EFT_NET_FRAME_MAX - eft_net_buffer_room(0);

	return (rest + EFT_PAGE_SIZE - 1) / EFT_PAGE_SIZE;
}

static bool fill(struct eft_wire *wire)
{
	if (!wire->first)
		wire->first = eft_net_buffer_alloc(0);
	for (unsigned i = 0; wire->first && i < pages_needed(); i++) {
		if (!wire->pages[i])
			wire->pages[i] = eft_page_alloc(0);
		if (!wire->pages[i])
			return false;
	}
	return wire->first != NULL;
}

static ssize_t read_frame(struct eft_wire *wire)
{
	struct eft_iovec iov[EFT_NET_PARTS_MAX];
	unsigned n = 0;

	iov[n++] = (struct eft_iovec){
		eft_as_user((void *)eft_net_buffer_data(wire->first, 0)),
		eft_net_buffer_room(0)};
	for (unsigned i = 0; i < pages_needed(); i++)
		iov[n++] = (struct eft_iovec){eft_as_user(wire->pages[i]),
					      EFT_PAGE_SIZE};
	return host()->read(wire->handle, iov, n);
}

static ssize_t drop_frame(struct eft_wire *wire)
{
	char trash[TRASH];
	struct eft_iovec iov = {eft_as_user((void *)trash), sizeof(trash)};
	ssize_t n = host()->read(wire->handle, &iov, 1);

	if (n > 0)
		eft_wire_count(&wire->net.counts.dropped_in, 1);
	return n;
}

/* The first (len) bytes of what was read are a frame; the rest is kept. */
static void take_frame(struct eft_wire *wire, uint32_t len)
{
	struct eft_net_frame *frame = &wire->first->frame;
	uint8_t *data = eft_net_buffer_data(wire->first, 0);
	struct eft_net_header header;
	uint32_t part = eft_min(len, eft_net_buffer_room(0));
	bool fits;

	__builtin_memcpy(&header, data, HEADER);
	eft_net_buffer_begin(frame, 0);
	fits = eft_net_frame_add(frame, data + HEADER, part - HEADER);
	wire->first = NULL;
	for (unsigned i = 0; fits && part < len; i++) {
		uint32_t more = eft_min(len - part, (uint32_t)EFT_PAGE_SIZE);

		fits = eft_net_frame_add(frame, wire->pages[i], more);
		wire->pages[i] = fits ? NULL : wire->pages[i];
		part += more;
	}
	if (fits && frame->len >= EFT_NET_ETHERNET_HEADER &&
	    !eft_net_header_read(&header, wire->net.features, frame)) {
		eft_wire_deliver(wire, frame);
		return;
	}
	eft_wire_count(&wire->net.counts.errors_in, 1);
	frame->done(frame);
}

static unsigned receive(struct eft_wire *wire, unsigned budget, int *ret_error)
{
	unsigned count = 0;

	while (count < budget) {
		bool dropped = !fill(wire);
		ssize_t n = dropped ? drop_frame(wire) : read_frame(wire);

		if (n == -EAGAIN)
			break;
		if (n <= 0) { /* -EBADFD: it was removed */
			*ret_error = n < 0 ? n : -EPIPE;
			break;
		}
		count++;
		if (n <= HEADER)
			eft_wire_count(&wire->net.counts.errors_in, 1);
		else if (!dropped)
			take_frame(wire, n);
	}
	return count;
}

/* -EIO: the interface is down, and drops what is sent. */
static int write_frame(struct eft_wire *wire, const struct eft_net_frame *frame)
{
	struct eft_net_header header;
	struct eft_wire_vector v;
	ssize_t n;

	eft_net_header_write(frame, &header);
	eft_wire_vector(&header, HEADER, frame, 0, &v);
	n = host()->write(wire->handle, v.iov, v.count);
	return n < 0 ? n : 0;
}

static const struct eft_wire_kind tap = {
	.receive = receive,
	.write = write_frame,
};

static const char *why_not(int err)
{
	switch (err) {
	case -ENODEV:
		return "there is no such interface";
	case -ENOENT:
		return "the host has no /dev/net/tun";
	case -EPERM:
	case -EACCES:
		return "it is not permitted (the interface is another user's)";
	case -EBUSY:
		return "another program has it";
	case -EINVAL:
		return "it is no TAP interface";
	case -EOPNOTSUPP:
		return "the host does no checksums and segments for it";
	}
	return "it cannot be opened";
}

const char *eft_wire_begin_tap(struct eft_wire *wire, const char *name)
{
	int handle = host()->open_tap(name, EFT_HOST_TAP_CHECKSUM |
						    EFT_HOST_TAP_TCP4 |
						    EFT_HOST_TAP_TCP6);

	if (handle < 0)
		return why_not(handle);
	wire->kind = &tap;
	wire->handle = handle;
	wire->up = true;
	wire->net.features = EFT_NET_SEND_CHECKSUM | EFT_NET_SEND_TCP4 |
			     EFT_NET_SEND_TCP6 | EFT_NET_RECEIVE_CHECKSUM |
			     EFT_NET_RECEIVE_LARGE;
	return NULL;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * A stream of frames, each behind its length (QEMU's net/stream.c and passt's
 * tap.c have 4 bytes, the highest first), over a unix socket: to QEMU's
 * `-netdev stream`, to passt, or to another image.
 *
 * HOW	Bytes are read into one buffer, as many as there are, and each frame is
 *	copied from there to memory of its own: one call for many frames. What is
 *	not a whole frame yet moves to the buffer's start.
 */
#include "core/mem.h"
#include "core/net/wire/wire.h"

enum { ORDER = 4, ROOM = EFT_PAGE_SIZE << ORDER, LENGTH = 4 };

static const struct eft_host_wires *host(void)
{
	return eft_plat_host_wires();
}

static uint32_t length_at(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static void take_frame(struct eft_wire *wire, const uint8_t *data, uint32_t len)
{
	unsigned order = eft_net_buffer_order(len);
	struct eft_net_counts *counts = &wire->net.counts;
	struct eft_net_buffer *buffer;
	uint8_t *copy;

	if (len < EFT_NET_ETHERNET_HEADER) {
		eft_wire_count(&counts->errors_in, 1);
		return;
	}
	buffer = eft_net_buffer_alloc(order);
	if (!buffer) {
		eft_wire_count(&counts->dropped_in, 1);
		return;
	}
	copy = eft_net_buffer_data(buffer, order);
	__builtin_memcpy(copy, data, len);
	eft_net_buffer_begin(&buffer->frame, order);
	eft_net_frame_add(&buffer->frame, copy, len);
	eft_wire_deliver(wire, &buffer->frame);
}

/* The next whole frame of the buffer's. Returns   1; 0 there is none; -EIO */
static int take_next(struct eft_wire *wire)
{
	size_t left = wire->have - wire->at;
	const uint8_t *b = wire->bytes + wire->at;
	uint32_t len;

	if (left < LENGTH)
		return 0;
	len = length_at(b);
	if (len == 0 || len > ROOM - LENGTH) {
		eft_log(EFT_LOG_ERROR, "%s: a frame of %u bytes", wire->name,
			len);
		return -EIO;
	}
	if (left < LENGTH + len)
		return 0;
	wire->at += LENGTH + len;
	take_frame(wire, b + LENGTH, len);
	return 1;
}

static int read_more(struct eft_wire *wire)
{
	struct eft_iovec iov;
	ssize_t n;

	wire->have -= wire->at;
	__builtin_memmove(wire->bytes, wire->bytes + wire->at, wire->have);
	wire->at = 0;
	iov = (struct eft_iovec){
		eft_as_user((void *)(wire->bytes + wire->have)),
		ROOM - wire->have};
	n = host()->read(wire->handle, &iov, 1);
	if (n <= 0)
		return n < 0 ? n : -ECONNRESET;
	eft_assert((size_t)n <= ROOM - wire->have);
	wire->have += n;
	return 0;
}

static unsigned receive(struct eft_wire *wire, unsigned budget, int *ret_error)
{
	unsigned count = 0;
	int err = 0;

	while (count < budget && err >= 0) {
		err = take_next(wire);
		if (err > 0)
			count++;
		else if (err == 0)
			err = read_more(wire);
	}
	if (err < 0 && err != -EAGAIN)
		*ret_error = err;
	return count;
}

/* The host may take a part of it. */
static int write_frame(struct eft_wire *wire, const struct eft_net_frame *frame)
{
	const uint8_t length[LENGTH] = {frame->len >> 24, frame->len >> 16,
					frame->len >> 8, frame->len};
	struct eft_wire_vector v;
	ssize_t n;

	while (wire->sent < LENGTH + frame->len) {
		eft_wire_vector(length, LENGTH, frame, wire->sent, &v);
		n = host()->send(wire->handle, v.iov, v.count);
		if (n < 0)
			return n;
		wire->sent += n;
	}
	return 0;
}

/* A new stream starts with a new frame. */
static int accept_next(struct eft_wire *wire)
{
	wire->at = wire->have = 0;
	return host()->accept(wire->listening);
}

static const struct eft_wire_kind stream = {
	.receive = receive,
	.write = write_frame,
	.accept = accept_next,
};

static const char *why_not(int err)
{
	switch (err) {
	case -ENAMETOOLONG:
		return "the path is empty, or too long for a socket";
	case -ENOENT:
	case -ECONNREFUSED:
		return "nobody listens there";
	case -EACCES:
	case -EPERM:
		return "it is not permitted";
	}
	return "the socket cannot be used";
}

const char *eft_wire_begin_stream(struct eft_wire *wire, const char *path,
				  bool listens)
{
	int handle = host()->connect(path);

	if (listens && (handle == -ENOENT || handle == -ECONNREFUSED)) {
		wire->listening = host()->listen(path);
		if (wire->listening < 0)
			return why_not(wire->listening);
	} else if (handle < 0) {
		return why_not(handle);
	}
	wire->bytes = eft_page_alloc(ORDER);
	if (!wire->bytes)
		return "there is no memory for it";
	wire->kind = &stream;
	wire->handle = handle < 0 ? -1 : handle;
	wire->up = handle >= 0;
	return NULL;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * net.pcap=FILE: a network device in front of another, which writes each frame to
 * a file of the host's.
 *
 * Checksums that the device would complete are completed in the file. Segments
 * are as the stack has them: a large one is one frame there.
 *
 * Source: draft-ietf-opsawg-pcap, sections 4 (the file) and 5 (a frame).
 */
#include "core/mem.h"
#include "core/net/wire/wire.h"
#include "core/time.h"

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t reserved[2], most_bytes, link_type;
};

enum { MAGIC_NANOSECONDS = (int)0xa1b23c4d, MOST_BYTES = 262144, ETHERNET = 1 };

struct frame_header {
	uint32_t seconds, nanoseconds, bytes, original_bytes;
};

enum { ORDER = 5, ROOM = EFT_PAGE_SIZE << ORDER };

_Static_assert(sizeof(struct frame_header) + EFT_NET_FRAME_MAX <= ROOM, "");

struct pcap {
	struct eft_net net;
	struct eft_net *inner;
	const struct eft_net_sink *sink;
	void *arg;
	const struct eft_net_frame *refused; /* it is in the file already */

	/* Owned by (writing). */
	struct eft_mutex writing;
	int handle; /* -1: it is full, or so */
	uint8_t *record;
};

static struct pcap *of(struct eft_net *net)
{
	return (struct pcap *)net;
}

/* RFC 1071: the sum of (len) bytes in network order, folded. */
static uint16_t checksum(const uint8_t *data, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	if (len % 2 != 0)
		sum += (uint32_t)data[len - 1] << 8;
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void complete(uint8_t *data, const struct eft_net_frame *frame)
{
	uint32_t at = (uint32_t)frame->checksum_start + frame->checksum_offset;
	uint16_t sum;

	if (!frame->checksum_partial || at + sizeof(sum) > frame->len)
		return;
	sum = checksum(data + frame->checksum_start,
		       frame->len - frame->checksum_start);
	data[at] = sum >> 8;
	data[at + 1] = sum & 0xff;
}

static size_t fill_record(uint8_t *record, const struct eft_net_frame *frame)
{
	uint64_t now_ns = eft_realtime_ns();
	struct frame_header h = {
		.seconds = now_ns / 1000000000,
		.nanoseconds = now_ns % 1000000000,
		.bytes = frame->len,
		.original_bytes = frame->len,
	};
	uint8_t *data = record + sizeof(h), *at = data;

	__builtin_memcpy(record, &h, sizeof(h));
	for (unsigned i = 0; i < frame->count; i++) {
		__builtin_memcpy(at, frame->parts[i].data, frame->parts[i].len);
		at += frame->parts[i].len;
	}
	complete(data, frame);
	return at - record;
}

static bool write_all(int handle, const void *data, size_t len)
{
	struct eft_iovec iov = {eft_as_user((void *)data), len};

	return eft_plat_host_files()->write(handle, &iov, 1,
					    EFT_HOST_POSITION) == (ssize_t)len;
}

static void note_frame(struct pcap *p, const struct eft_net_frame *frame)
{
	eft_assert(frame->len <= EFT_NET_FRAME_MAX);
	eft_mutex_lock(&p->writing);
	if (p->handle >= 0 &&
	    !write_all(p->handle, p->record, fill_record(p->record, frame))) {
		eft_log(EFT_LOG_ERROR, "net.pcap: the file cannot be written");
		eft_plat_host_files()->close(p->handle);
		p->handle = -1;
	}
	eft_mutex_unlock(&p->writing);
}

static void on_ready(struct eft_net *inner, void *arg)
{
	struct pcap *p = arg;

	p->sink->ready(&p->net, p->arg);
}

static void on_frame(struct eft_net *inner, void *arg,
		     struct eft_net_frame *frame)
{
	struct pcap *p = arg;

	note_frame(p, frame);
	p->sink->frame(&p->net, p->arg, frame);
}

static void on_link(struct eft_net *inner, void *arg, bool up)
{
	struct pcap *p = arg;

	p->sink->link(&p->net, p->arg, up);
}

static int start(struct eft_net *net, const struct eft_net_sink *sink,
		 void *arg)
{
	static const struct eft_net_sink ours = {on_ready, on_frame, on_link};
	struct pcap *p = of(net);

	p->sink = sink;
	p->arg = arg;
	return p->inner->start(p->inner, &ours, p);
}

static unsigned poll(struct eft_net *net, unsigned budget)
{
	struct eft_net *inner = of(net)->inner;
	unsigned count = inner->poll(inner, budget);

	net->counts = inner->counts;
	return count;
}

/* Before it is sent: afterwards it may be its owner's again. */
static int send(struct eft_net *net, struct eft_net_frame *frame)
{
	struct pcap *p = of(net);
	int err;

	if (frame != p->refused)
		note_frame(p, frame);
	err = p->inner->send(p->inner, frame);
	p->refused = err == -EAGAIN ? frame : NULL;
	return err;
}

static void flush(struct eft_net *net)
{
	struct eft_net *inner = of(net)->inner;

	inner->flush(inner);
	net->counts = inner->counts;
}

static bool is_up(struct eft_net *net)
{
	struct eft_net *inner = of(net)->inner;

	return inner->link(inner);
}

static int open_file(const char *path)
{
	const struct file_header header = {
		.magic = (uint32_t)MAGIC_NANOSECONDS,
		.major = 2,
		.minor = 4,
		.most_bytes = MOST_BYTES,
		.link_type = ETHERNET,
	};
	int handle = eft_plat_host_paths()->open(
		EFT_HOST_CWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (handle < 0 || write_all(handle, &header, sizeof(header)))
		return handle;
	eft_plat_host_files()->close(handle);
	return -EIO;
}

struct eft_net *eft_pcap_wrap(struct eft_net *inner, const char *path)
{
	struct pcap *p = eft_alloc(sizeof(*p));

	if (!p)
		return NULL;
	p->record = eft_page_alloc(ORDER);
	p->handle = p->record ? open_file(path) : -ENOMEM;
	if (p->handle < 0) {
		eft_page_free(p->record);
		eft_free(p);
		return NULL;
	}
	eft_mutex_init(&p->writing, EFT_RANK_WIRE);
	p->inner = inner;
	p->net = *inner;
	p->net.link = is_up;
	p->net.start = start;
	p->net.poll = poll;
	p->net.send = send;
	p->net.flush = flush;
	return &p->net;
}

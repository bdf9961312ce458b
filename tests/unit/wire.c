// SPDX-License-Identifier: BSD-3-Clause
/*
 * A process's network devices (core/net/wire) on a host of the test's own: what
 * is read comes in any pieces, what is written has any room, and the other side
 * goes, comes back and lies.
 */
#include "core/net/wire/wire.h"
#include "core/dev/netheader.h"
#include "tests/unit/unit.h"

enum { HEADER = 12, STEPS = 4000, BYTES = 1 << 20 };

static struct eft_device_class class;
static struct eft_net *net;
static struct fake_host_file *file; /* what all handles are */

/* What the host has for us, and where boundaries are for a TAP. */
static uint8_t in[BYTES], out[BYTES];
static size_t in_at, in_len, out_len, room = SIZE_MAX;
static size_t sizes[2048];
static unsigned size_at, size_count;
static bool is_tap, has_gone, somebody_comes;
static int refusal; /* of open_tap, connect */
static int read_error, write_error;

static int new_handle(void)
{
	return eft_plat_host_paths()->open(EFT_HOST_CWD, "/wire", O_RDWR, 0);
}

static int test_open_tap(const char *name, unsigned offloads)
{
	check_str(name, "eft0");
	check_eq(offloads, 7);
	is_tap = true;
	return refusal < 0 ? refusal : new_handle();
}

static int test_connect(const char *path)
{
	return refusal < 0 ? refusal : new_handle();
}

static int test_listen(const char *path)
{
	check_str(path, "/sock");
	return new_handle();
}

static int test_accept(int handle)
{
	if (!somebody_comes)
		return -EAGAIN;
	somebody_comes = has_gone = false;
	in_at = in_len = 0;
	return new_handle();
}

static ssize_t test_read(int handle, const struct eft_iovec *iov, int count)
{
	size_t most = is_tap ? sizes[size_at] : 1 + unit_random(5000);
	size_t n = 0;

	if (read_error < 0)
		return read_error;
	if (in_at == in_len)
		return has_gone ? 0 : -EAGAIN;
	most = eft_min(most, in_len - in_at);
	for (int i = 0; i < count; i++) {
		size_t part = eft_min(iov[i].len, most - n);

		memcpy(iov[i].base, in + in_at + n, part);
		n += part;
	}
	in_at += is_tap ? most : n;
	size_at += is_tap;
	return n;
}

static ssize_t test_write(int handle, const struct eft_iovec *iov, int count)
{
	size_t all = 0, n = 0;

	if (write_error < 0)
		return write_error;
	for (int i = 0; i < count; i++)
		all += iov[i].len;
	if (room == 0 || (is_tap && room < all))
		return -EAGAIN;
	for (int i = 0; i < count; i++) {
		size_t part = eft_min(iov[i].len, room - n);

		memcpy(out + out_len + n, iov[i].base, part);
		n += part;
	}
	out_len += n;
	room -= room == SIZE_MAX ? 0 : n;
	return n;
}

const struct eft_host_wires *eft_plat_host_wires(void)
{
	static const struct eft_host_wires wires = {
		.open_tap = test_open_tap,
		.connect = test_connect,
		.listen = test_listen,
		.accept = test_accept,
		.read = test_read,
		.write = test_write,
		.send = test_write,
	};

	return &wires;
}

/*
 * The stack.
 */
static unsigned told, arrived, up_told, down_told, done;
static struct eft_net_frame last;
static uint8_t last_bytes[EFT_NET_FRAME_MAX];
static uint64_t arrived_sum;

static uint64_t sum_of(const uint8_t *bytes, uint32_t len)
{
	uint64_t sum = len;

	for (uint32_t i = 0; i < len; i++)
		sum = sum * 31 + bytes[i];
	return sum;
}

static void on_ready(struct eft_net *n, void *arg)
{
	told++;
	check_eq(told, 1);
}

static void on_frame(struct eft_net *n, void *arg, struct eft_net_frame *f)
{
	uint32_t at = 0;

	last = *f;
	for (unsigned i = 0; i < f->count; i++) {
		memcpy(last_bytes + at, f->parts[i].data, f->parts[i].len);
		at += f->parts[i].len;
	}
	check_eq(at, f->len);
	arrived_sum += sum_of(last_bytes, at);
	arrived++;
	f->done(f);
}

static void on_link(struct eft_net *n, void *arg, bool up)
{
	check_eq(net->link(net), up);
	up_told += up;
	down_told += !up;
}

static const struct eft_net_sink sink = {on_ready, on_frame, on_link};

static void note_done(struct eft_net_frame *f)
{
	done++;
	f->arg = NULL; /* not lent */
}

static void run_stack(unsigned budget)
{
	while (told > 0) {
		told = 0;
		while (net->poll(net, budget) == budget)
			;
	}
}

/* The host tells who waits for that. */
static void events(unsigned which)
{
	fake_host_set_ready(file, which);
	fake_host_set_ready(file, 0);
}

static bool find(const char *choice)
{
	static void (*const none[])(struct eft_device_class *) = {NULL};

	fake_has_host = true;
	fake_boot(NULL);
	file = fake_host_add("/wire", S_IFCHR | 0600, NULL, 0);
	eft_net_choice = choice;
	class = (struct eft_device_class){.name = "net", .finders = none};
	class.end = &class.first;
	eft_wire_find_net(&class);
	net = (struct eft_net *)class.first;
	return net != NULL;
}

static void boot(const char *choice)
{
	check(find(choice));
	check_eq(net->start(net, &sink, NULL), 0);
	run_stack(16);
}

static uint64_t pages_in_use(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.total - stats.free;
}

/*
 * The option.
 */
static void refused_value(const char *value)
{
	struct eft_wire_choice choice = {.mtu = 77};

	check(eft_wire_parse(value, &choice) != NULL);
	check_eq(choice.mtu, 77);
}

Test(wire, values)
{
	struct eft_wire_choice c;

	check(eft_wire_parse("tap:eft0", &c) == NULL);
	check_str(c.kind, "tap");
	check_str(c.name, "eft0");
	check_eq(c.mtu, 1500);
	check(eft_wire_parse("passt,mtu=65520", &c) == NULL);
	check_str(c.kind, "passt");
	check_str(c.name, "");
	check_eq(c.mtu, 65520);
	check(eft_wire_parse("unix:/a:b,mac=02:aB:0:1", &c) != NULL);
	check(eft_wire_parse("unix:/a:b,mac=02:aB:00:ff:10:01", &c) == NULL);
	check_str(c.name, "/a:b");
	check_eq(c.address[1], 0xab);
	check_eq(c.address[5], 1);
	refused_value("tap:eft0,");
	refused_value("tap:eft0,mtu=67");
	refused_value("tap:eft0,mtu=65522");
	refused_value("tap:eft0,mtu=1500x");
	refused_value("tap:eft0,mac=03:00:00:00:00:00"); /* a group's */
	refused_value("tap:eft0,mac=02:00:00:00:00:00:00");
	refused_value("tap:eft0,mac=02-00-00-00-00-00");
	refused_value("tap:eft0,up");
	refused_value("something:eft0");
}

/* Without the standard streams, which are there from the first call on. */
static unsigned our_handles(void)
{
	unsigned all = fake_host_open_handles();

	return all > 0 ? all - 3 : 0;
}

static void refused_device(const char *choice, int error, const char *why)
{
	refusal = error;
	check(!find(choice));
	check(strstr(fake_console, why) != NULL);
	check(strstr(fake_console, choice) != NULL);
	check_eq(our_handles(), 0);
}

Test(wire, no_such_tap)
{
	refused_device("tap:eft0", -ENODEV, "no such interface");
}

Test(wire, tap_of_another)
{
	refused_device("tap:eft0", -EPERM, "not permitted");
}

Test(wire, no_taps)
{
	refused_device("tap:eft0", -ENOENT, "/dev/net/tun");
}

Test(wire, busy_tap)
{
	refused_device("tap:eft0", -EBUSY, "another program has it");
}

Test(wire, nobody_listens)
{
	refused_device("passt", -ENOENT, "nobody listens");
}

Test(wire, no_kind)
{
	refused_device("ether:0", 0, "it is host, none, tap:NAME");
}

Test(wire, not_ours)
{
	check(!find("host"));
	check_str(fake_console, "");
}

Test(wire, addresses)
{
	check(find("unix:/sock,mac=52:54:00:01:02:03"));
	check_eq(net->address[0], 0x52);
	check_eq(net->address[5], 3);
}

Test(wire, address_by_chance)
{
	check(find("unix:/sock"));
	check_eq(net->address[0] & 3, 2);
	check_eq(net->features, 0);
}

/*
 * Streams.
 */
static uint8_t bytes[EFT_NET_FRAME_MAX];

static void put_length(uint32_t len)
{
	in[in_len++] = len >> 24;
	in[in_len++] = len >> 16;
	in[in_len++] = len >> 8;
	in[in_len++] = len;
}

static uint64_t put_frame(uint32_t len)
{
	if (in_at == in_len)
		in_at = in_len = 0;
	put_length(len);
	for (uint32_t i = 0; i < len; i++)
		in[in_len + i] = unit_random(256);
	in_len += len;
	return sum_of(in + in_len - len, len);
}

static void make_out(struct eft_net_frame *f, uint32_t len)
{
	*f = (struct eft_net_frame){.done = note_done, .arg = f};
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = unit_random(256);
	check(eft_net_frame_add(f, bytes, len / 3));
	check(eft_net_frame_add(f, bytes + len / 3, len - len / 3));
}

/* The next frame of what was written, or part of it. */
static uint64_t take_out(size_t *at, uint32_t *ret_len)
{
	const uint8_t *b = out + *at;
	uint32_t len = b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];

	check(*at + 4 + len <= out_len);
	*at += 4 + len;
	*ret_len = len;
	return sum_of(b + 4, len);
}

Test(wire, stream_both_ways)
{
	static struct eft_net_frame frame;
	uint64_t in_sum = 0, out_sum = 0, written_sum = 0, before;
	unsigned in_count = 0, sent = 0, stalls = 0;
	size_t at = 0;
	uint32_t len;

	boot("passt:/sock,mtu=9000");
	check(net->link(net));
	before = pages_in_use();
	for (unsigned i = 0; i < STEPS; i++) {
		len = EFT_NET_ETHERNET_HEADER +
		      unit_random(i % 50 ? 1501 : 60000);
		switch (unit_random(4)) {
		case 0:
			if (in_len + len + 4 > sizeof(in))
				break;
			in_sum += put_frame(len);
			in_count++;
			if (unit_random(2))
				events(POLLIN);
			break;
		case 1:
			if (frame.arg || out_len + 9100 > sizeof(out))
				break;
			len = EFT_NET_ETHERNET_HEADER + unit_random(500);
			make_out(&frame, len);
			check_eq(net->send(net, &frame), 0);
			out_sum += sum_of(bytes, len);
			sent++;
			stalls += frame.arg != NULL;
			break;
		case 2:
			room = unit_random(600);
			if (room > 0)
				events(POLLOUT);
			break;
		default:
			run_stack(1 + unit_random(8));
		}
	}
	room = SIZE_MAX;
	events(POLLOUT);
	events(POLLIN);
	run_stack(16);
	while (at < out_len)
		written_sum += take_out(&at, &len);
	check_eq(pages_in_use(), before);
	check_eq(in_count, arrived);
	check_eq(in_sum, arrived_sum);
	check_eq(sent, done);
	check_eq(out_sum, written_sum);
	check(stalls > 20 && sent > 100 && in_count > 500);
	check_eq(fake_host_tickets(), 1); /* to read */
}

/* Who found no room is told when there is some. */
Test(wire, stream_without_room)
{
	static struct eft_net_frame f[2];

	boot("passt");
	room = 10;
	make_out(&f[0], 100);
	check_eq(net->send(net, &f[0]), 0);
	check_eq(done, 0);
	run_stack(16);
	make_out(&f[1], 100);
	check_eq(net->send(net, &f[1]), -EAGAIN);
	check_eq(fake_host_tickets(), 2);
	room = 50;
	events(POLLOUT);
	run_stack(16);
	check_eq(done, 0);
	room = SIZE_MAX;
	events(POLLOUT);
	check_eq(told, 1);
	told = 0;
	check_eq(net->poll(net, 16), 0);
	check_eq(done, 1);
	check_eq(told, 1); /* for the sender */
	check_eq(net->send(net, &f[1]), 0);
	check_eq(done, 2);
	check_eq(out_len, 208);
}

static void gone(void)
{
	static struct eft_net_frame f;

	events(POLLIN);
	run_stack(16);
	check(!net->link(net));
	check_eq(down_told, 1);
	check_eq(our_handles(), 0);
	check_eq(fake_host_tickets(), 0);
	make_out(&f, 100);
	check_eq(net->send(net, &f), 0);
	check(f.arg == NULL);
	check_eq(net->counts.errors_out, 1);
	check_eq(out_len, 0);
	check_eq(told, 0);
}

Test(wire, stream_ends)
{
	boot("passt");
	put_frame(100);
	in_len -= 3; /* not all of it comes */
	has_gone = true;
	gone();
	check_eq(arrived, 0);
}

Test(wire, stream_breaks)
{
	boot("passt");
	read_error = -ECONNRESET;
	gone();
}

Test(wire, lie_of_an_empty_frame)
{
	boot("passt");
	put_length(0);
	gone();
	check(strstr(fake_console, "a frame of 0 bytes") != NULL);
}

Test(wire, lie_of_a_long_frame)
{
	boot("passt");
	put_length(65533);
	gone();
	check(strstr(fake_console, "a frame of 65533 bytes") != NULL);
}

Test(wire, lie_of_a_frame_of_4_gigabytes)
{
	boot("passt");
	put_length(UINT32_MAX);
	gone();
}

Test(wire, longest_frame_and_runt)
{
	boot("passt");
	put_frame(65532);
	put_frame(13);
	put_frame(14);
	events(POLLIN);
	run_stack(16);
	check_eq(arrived, 2);
	check_eq(net->counts.errors_in, 1);
	check(net->link(net));
}

Test(wire, stream_without_memory)
{
	boot("passt");
	eft_alloc_fail_after(0);
	put_frame(100);
	events(POLLIN);
	run_stack(16);
	check_eq(net->counts.dropped_in, 1);
	eft_alloc_fail_after(UINT64_MAX);
	put_frame(100);
	events(POLLIN);
	run_stack(16);
	check_eq(arrived, 1);
}

/* Who comes second connects; when it goes, the next one may come. */
Test(wire, listener)
{
	refusal = -ECONNREFUSED;
	boot("unix:/sock");
	check(!net->link(net));
	for (unsigned i = 1; i <= 3; i++) {
		somebody_comes = true;
		events(POLLIN);
		run_stack(16);
		check(net->link(net));
		check_eq(up_told, i);
		put_frame(100);
		in_len -= 1; /* a part; the next stream starts anew */
		events(POLLIN);
		run_stack(16);
		has_gone = true;
		events(POLLIN);
		run_stack(16);
		check_eq(down_told, i);
		check_eq(arrived, 0);
		check_eq(fake_host_tickets(), 1);
		check_eq(our_handles(), 1);
	}
	somebody_comes = true;
	events(POLLIN);
	run_stack(16);
	put_frame(60);
	events(POLLIN);
	run_stack(16);
	check_eq(arrived, 1);
}

/*
 * TAP.
 */
static void put_tap(const struct eft_net_header *h, uint32_t len)
{
	memcpy(in + in_len, h, HEADER);
	for (uint32_t i = 0; i < len; i++)
		in[in_len + HEADER + i] = unit_random(256);
	sizes[size_count++] = HEADER + len;
	in_len += HEADER + len;
}

static const struct eft_net_header plain;

Test(wire, tap_frames)
{
	const uint32_t lens[] = {14, 60, 1514, 3652, 3653, 8000, 65549};
	uint64_t before;

	boot("tap:eft0");
	before = pages_in_use();
	for (unsigned i = 0; i < eft_array_size(lens); i++) {
		in_at = in_len = 0;
		put_tap(&plain, lens[i]);
		events(POLLIN);
		run_stack(16);
		check_eq(arrived, i + 1);
		check_eq(last.len, lens[i]);
		check_eq(memcmp(last_bytes, in + HEADER, lens[i]), 0);
	}
	check(pages_in_use() <= before);
}

Test(wire, tap_headers)
{
	struct eft_net_header h = {1, 1, 54, 1448, 34, 16, 0};
	static struct eft_net_frame f;

	boot("tap:eft0");
	put_tap(&h, 3000);
	events(POLLIN);
	run_stack(16);
	check_eq(arrived, 1);
	check(last.checksum_partial);
	check_eq(last.checksum_start, 34);
	check_eq(last.segments, EFT_NET_TCP4);
	check_eq(last.segment_bytes, 1448);
	make_out(&f, 3000);
	f.checksum_partial = true;
	f.checksum_start = 34;
	f.checksum_offset = 16;
	f.segments = EFT_NET_TCP4;
	f.segment_bytes = 1448;
	f.header_bytes = 54;
	check_eq(net->send(net, &f), 0);
	check_eq(done, 1);
	check_eq(out_len, HEADER + 3000);
	check_eq(memcmp(out, &h, HEADER), 0);
	check_eq(memcmp(out + HEADER, bytes, 3000), 0);
}

Test(wire, tap_nonsense)
{
	const struct eft_net_header outside = {.flags = 1,
					       .checksum_start = 99};
	uint64_t before;

	boot("tap:eft0");
	before = pages_in_use();
	put_tap(&outside, 60);
	put_tap(&plain, 0);
	put_tap(&plain, 13);
	put_tap(&plain, 65601); /* it would fit, with what is left */
	put_tap(&plain, 60);
	events(POLLIN);
	run_stack(16);
	check_eq(arrived, 1);
	check_eq(net->counts.errors_in, 4);
	check(pages_in_use() <= before);
	check(net->link(net));
}

Test(wire, tap_without_memory)
{
	boot("tap:eft0");
	put_tap(&plain, 5000);
	put_tap(&plain, 60);
	eft_alloc_fail_after(0);
	events(POLLIN);
	run_stack(16);
	check_eq(arrived, 1); /* what there was */
	check_eq(net->counts.dropped_in, 1);
	eft_alloc_fail_after(UINT64_MAX);
	put_tap(&plain, 60);
	events(POLLIN);
	run_stack(16);
	check_eq(arrived, 2);
}

Test(wire, tap_is_down)
{
	static struct eft_net_frame f;

	boot("tap:eft0");
	write_error = -EIO;
	make_out(&f, 60);
	check_eq(net->send(net, &f), 0);
	check_eq(done, 1);
	check_eq(net->counts.errors_out, 1);
	check(net->link(net));
}

Test(wire, tap_is_removed)
{
	boot("tap:eft0");
	read_error = -77; /* EBADFD */
	gone();
}

/*
 * net.pcap=
 */
static void check_record(const struct fake_host_file *pcap, size_t *at,
			 const uint8_t *data, uint32_t len)
{
	const uint32_t *header = (const void *)(pcap->data + *at);

	check(*at + 16 + len <= pcap->size);
	check_eq(header[0], 7);
	check_eq(header[1], 5);
	check_eq(header[2], len);
	check_eq(header[3], len);
	check_eq(memcmp(header + 4, data, len), 0);
	*at += 16 + len;
}

Test(wire, pcap)
{
	static const uint8_t header[24] = {0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4,
					   0,	 0,    0,    0,	   0, 0, 0,
					   0,	 0,    0,    0,	   4, 0, 1};
	static struct eft_net_frame f;
	struct fake_host_file *pcap;
	uint8_t want[101];
	size_t at = sizeof(header);

	fake_has_host = true;
	eft_net_pcap = "/home/frames.pcap";
	boot("passt");
	fake_realtime = 7000000005 - fake_now;
	pcap = fake_host_file("/home/frames.pcap");
	check(pcap != NULL);
	check_eq(memcmp(pcap->data, header, sizeof(header)), 0);
	put_frame(60);
	events(POLLIN);
	run_stack(16);
	check_eq(arrived, 1);
	check_record(pcap, &at, last_bytes, 60);
	make_out(&f, 101);
	memset(bytes + 34, 0, 67);
	bytes[34] = 0x12; /* sums to 0x1234 + 0xff00, which is 0x1135 */
	bytes[35] = 0x34;
	bytes[100] = 0xff;
	memcpy(want, bytes, 101);
	want[50] = 0xee;
	want[51] = 0xca;
	f.checksum_partial = true;
	f.checksum_start = 34;
	f.checksum_offset = 16;
	room = 0;
	check_eq(net->send(net, &f), 0);
	room = SIZE_MAX;
	events(POLLOUT);
	run_stack(16);
	check_record(pcap, &at, want, 101);
	check_eq(pcap->size, at);
	check_eq(net->counts.frames_out, 1);
	check_eq(net->counts.frames_in, 1);
}

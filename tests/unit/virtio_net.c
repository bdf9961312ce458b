// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-net (plat-kvm/virtio/net.c) against a device of the test's own, by VIRTIO
 * 1.2 §5.1, on split and packed rings: one that keeps the rules, and interrupts
 * only when it is asked to, and one that lies in each way.
 */
#include "plat-kvm/virtio/net.h"
#include "plat-kvm/x86/pte.h"
#include "tests/unit/unit.h"

static bool test_listen(struct eft_virtq *q);

#define eft_virtq_listen test_listen
#include "plat-kvm/virtio/device.c"
#include "plat-kvm/virtio/polled.c"
#undef eft_virtq_listen
#define eft_kvm_plat fake_plat
#include "plat-kvm/virtio/net.c"
#undef eft_kvm_plat
#include "tests/fake/virtio.h"

enum { AVAIL = 1 << 7, USED = 1 << 15 };		    /* §2.8.1 */
enum { EVENT_DISABLE = 1, EVENT_DESC = 2, WRAP = 1 << 15 }; /* §2.8.14 */
enum { HEADER = 12, STEPS = 3000 };
enum { /* §5.1.3, §5.1.4 */
       F_CSUM = 0,
       F_GUEST_CSUM = 1,
       F_MTU = 3,
       F_MAC = 5,
       F_GUEST_TSO4 = 7,
       F_GUEST_TSO6 = 8,
       F_HOST_TSO4 = 11,
       F_HOST_TSO6 = 12,
       F_MRG_RXBUF = 15,
       F_STATUS = 16,
       AT_STATUS = 6,
       AT_MTU = 10,
};

#define BIT(n) (1ull << (n))
#define PLAIN  BIT(F_MAC)
#define RICH                                                         \
	(BIT(F_CSUM) | BIT(F_GUEST_CSUM) | BIT(F_MTU) | BIT(F_MAC) | \
	 BIT(F_GUEST_TSO4) | BIT(F_GUEST_TSO6) | BIT(F_HOST_TSO4) |  \
	 BIT(F_HOST_TSO6) | BIT(F_MRG_RXBUF) | BIT(F_STATUS))
#define RINGS  (BIT(EFT_VIRTIO_INDIRECT) | BIT(EFT_VIRTIO_EVENT_IDX))
#define PACKED BIT(EFT_VIRTIO_RING_PACKED)

/* The rings, as the device sees them. */
struct side {
	uint16_t seen, used;	   /* split: counted; packed: places */
	bool seen_wrap, used_wrap; /* packed */
	uint16_t told;		   /* used when it last interrupted */
};

struct lent {
	uint16_t id;
	unsigned descriptors, count, readable;
	struct {
		uint8_t *data;
		uint32_t len;
	} part[EFT_NET_PARTS_MAX + 1];
};

static struct side sides[2];
static struct eft_device_class class;
static struct eft_net *net;
static bool always_interrupts;
static unsigned interrupts;

static bool is_packed(void)
{
	return eft_virtio_has(v.features, EFT_VIRTIO_RING_PACKED);
}

static void note_part(struct lent *l, uint64_t addr, uint32_t len,
		      bool writable)
{
	check(l->count < eft_array_size(l->part));
	check(len > 0);
	l->part[l->count].data = (uint8_t *)addr;
	l->part[l->count++].len = len;
	l->readable += !writable;
}

static bool fetch_split(struct eft_virtq *q, struct side *s, struct lent *l)
{
	const struct eft_virtq_desc *table = q->desc, *d;

	if (s->seen == q->avail->idx)
		return false;
	l->id = q->avail->ring[s->seen++ % q->size];
	d = &table[l->id];
	l->descriptors = 1;
	if (d->flags & INDIRECT) {
		table = (const void *)d->addr;
		d = table;
	}
	for (;; d = &table[d->next]) {
		note_part(l, d->addr, d->len, d->flags & WRITABLE);
		if (!(d->flags & NEXT))
			return true;
	}
}

static void step(const struct eft_virtq *q, uint16_t *at, bool *wrap,
		 unsigned count)
{
	*at += count;
	*wrap ^= *at >= q->size;
	*at %= q->size;
}

static bool fetch_packed(struct eft_virtq *q, struct side *s, struct lent *l)
{
	const struct eft_virtq_packed_desc *d;

	do {
		d = &q->packed[s->seen];
		if (!!(d->flags & AVAIL) != s->seen_wrap ||
		    !!(d->flags & USED) == s->seen_wrap) {
			check_eq(l->descriptors, 0);
			return false;
		}
		if (d->flags & INDIRECT) {
			const struct eft_virtq_packed_desc *t =
				(const void *)d->addr;

			for (unsigned i = 0; i < d->len / sizeof(*t); i++)
				note_part(l, t[i].addr, t[i].len,
					  t[i].flags & WRITABLE);
		} else {
			note_part(l, d->addr, d->len, d->flags & WRITABLE);
		}
		l->descriptors++;
		step(q, &s->seen, &s->seen_wrap, 1);
	} while (d->flags & NEXT);
	l->id = d->id;
	return true;
}

/* The next that it was lent on queue (n). */
static bool fetch(unsigned n, struct lent *l)
{
	struct eft_virtq *q = &v.queue[n]->ring;

	*l = (struct lent){0};
	return is_packed() ? fetch_packed(q, &sides[n], l)
			   : fetch_split(q, &sides[n], l);
}

static void use(unsigned n, uint16_t id, unsigned count, uint32_t len)
{
	struct eft_virtq *q = &v.queue[n]->ring;
	struct side *s = &sides[n];

	if (!is_packed()) {
		q->used->ring[s->used++ % q->size] =
			(struct eft_virtq_used_elem){id, len};
		q->used->idx = s->used;
		return;
	}
	q->packed[s->used].id = id;
	q->packed[s->used].len = len;
	q->packed[s->used].flags = s->used_wrap ? AVAIL | USED : 0;
	step(q, &s->used, &s->used_wrap, count);
}

/* §2.7.10: has (event) been passed on the way from (before) to (now)? */
static bool passed(uint16_t event, uint16_t now, uint16_t before)
{
	return (uint16_t)(now - event - 1) < (uint16_t)(now - before);
}

static bool wants_packed(const struct eft_virtq *q, const struct side *s)
{
	uint16_t flags = q->driver_event->flags & 3;
	uint16_t event = q->driver_event->offset;
	uint16_t at = event & (WRAP - 1);

	if (flags == EVENT_DISABLE)
		return false;
	if (flags != EVENT_DESC)
		return true;
	if (!!(event & WRAP) != s->used_wrap)
		at -= q->size;
	return passed(at, s->used, s->told);
}

static bool wants_interrupt(unsigned n)
{
	const struct eft_virtq *q = &v.queue[n]->ring;
	struct side *s = &sides[n];
	uint16_t event = q->avail->ring[q->size];
	bool wants;

	if (is_packed())
		wants = wants_packed(q, s);
	else if (eft_virtio_has(v.features, EFT_VIRTIO_EVENT_IDX))
		wants = passed(event, s->used, s->told);
	else
		wants = !(q->avail->flags & 1);
	s->told = s->used;
	return wants || always_interrupts;
}

static void interrupt_now(void *arg)
{
	interrupts++;
	eft_virtio_queue_interrupt(arg);
}

static void interrupt(unsigned n)
{
	if (wants_interrupt(n))
		fake_interrupt(interrupt_now, v.queue[n]);
}

/*
 * The stack.
 */
static unsigned told, up_told, down_told, arrived;
static uint64_t arrived_sum, sent_sum;
static struct eft_net_frame last; /* a copy of the last that arrived */
static uint8_t last_bytes[EFT_NET_FRAME_MAX];
static struct eft_net_frame *kept; /* those that it does not give back yet */
static bool keeps;

static void on_ready(struct eft_net *n, void *arg)
{
	check(n == net && arg == &told);
	told++;
	check_eq(told, 1);
}

static uint32_t copy_frame(uint8_t *to, const struct eft_net_frame *f)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < f->count; i++) {
		memcpy(to + at, f->parts[i].data, f->parts[i].len);
		at += f->parts[i].len;
	}
	check_eq(at, f->len);
	return at;
}

static uint64_t sum_of(const uint8_t *bytes, uint32_t len)
{
	uint64_t sum = len;

	for (uint32_t i = 0; i < len; i++)
		sum = sum * 31 + bytes[i];
	return sum;
}

static void on_frame(struct eft_net *n, void *arg, struct eft_net_frame *f)
{
	arrived++;
	last = *f;
	arrived_sum += sum_of(last_bytes, copy_frame(last_bytes, f));
	if (keeps) {
		f->next = kept;
		kept = f;
	} else {
		f->done(f);
	}
}

/* What happens while the stack hears that the link is down. */
static void (*at_link_down)(void);

static void on_link(struct eft_net *n, void *arg, bool up)
{
	check_eq(net->link(net), up);
	if (!up && at_link_down)
		at_link_down();
	if (up)
		up_told++;
	else
		down_told++;
}

static const struct eft_net_sink sink = {on_ready, on_frame, on_link};

static void give_back_kept(void)
{
	struct eft_net_frame *f;

	while ((f = kept)) {
		kept = f->next;
		f->done(f);
	}
}

/* As its thread does, when it was told. */
static void run_stack(unsigned budget)
{
	while (told > 0) {
		unsigned count;

		told = 0;
		do
			count = net->poll(net, budget);
		while (count == budget);
		check(count < budget);
	}
}

/*
 * What the device does.
 */
static struct eft_net_header header;
static uint8_t sent_bytes[EFT_NET_FRAME_MAX];
static unsigned transmitted;

/* A frame of (len) bytes goes to the driver. False: there is no buffer. */
static bool inject(const uint8_t *bytes, uint32_t len)
{
	struct lent l[EFT_NET_PARTS_MAX];
	uint32_t written[EFT_NET_PARTS_MAX];
	struct side before = sides[0];
	struct eft_net_header h = header;
	uint32_t at = 0;
	unsigned n = 0;

	while (at < len) {
		uint32_t skip = n == 0 ? HEADER : 0, room;

		check(n < eft_array_size(l));
		if (!fetch(0, &l[n])) {
			sides[0] = before;
			return false;
		}
		check_eq(l[n].readable, 0);
		check_eq(l[n].count, 1);
		room = eft_min(l[n].part[0].len - skip, len - at);
		memcpy(l[n].part[0].data + skip, bytes + at, room);
		at += room;
		written[n++] = room + skip;
	}
	check(n > 0);
	h.buffers = n;
	memcpy(l[0].part[0].data, &h, HEADER);
	for (unsigned i = 0; i < n; i++)
		use(0, l[i].id, l[i].descriptors, written[i]);
	return true;
}

/* It sends all that it was lent. */
static void transmit(void)
{
	struct lent l;

	while (fetch(1, &l)) {
		uint32_t at = 0;

		check_eq(l.readable, l.count);
		check_eq(l.part[0].len, HEADER);
		memcpy(&header, l.part[0].data, HEADER);
		for (unsigned i = 1; i < l.count; i++) {
			memcpy(sent_bytes + at, l.part[i].data, l.part[i].len);
			at += l.part[i].len;
		}
		sent_sum += sum_of(sent_bytes, at);
		transmitted++;
		use(1, l.id, l.descriptors, 0);
	}
	interrupt(1);
}

/* Its side of an event index (§2.7.10): it wants to hear of all. */
static void ask_for_all(void)
{
	for (unsigned n = 0; n < 2; n++) {
		struct eft_virtq *q = &v.queue[n]->ring;

		if (!is_packed())
			memcpy(&q->used->ring[q->size], &sides[n].seen, 2);
	}
}

static void run_device(struct eft_virtio_queue *queue)
{
	check(queue->number < 2);
	if (queue->number == 1)
		transmit();
	ask_for_all();
}

/* What happens just before and after the driver listens. */
static void (*before_listen)(void), (*after_listen)(void);

static void once(void (**what)(void))
{
	void (*f)(void) = *what;

	*what = NULL;
	if (f)
		f();
}

static bool test_listen(struct eft_virtq *q)
{
	bool none;

	once(&before_listen);
	none = eft_virtq_listen(q);
	once(&after_listen);
	return none;
}

static void be_usual(void)
{
	static const uint8_t address[] = {0x52, 0x54, 0, 1, 2, 3};

	begin_device("virtio 1 at home");
	memcpy(config_bytes, address, sizeof(address));
	config_bytes[AT_STATUS] = 1;
	config_bytes[AT_MTU] = 1500 & 0xff;
	config_bytes[AT_MTU + 1] = 1500 >> 8;
	config_len = 12;
	queues = 2;
	descriptors = 256;
	found_id = EFT_VIRTIO_NET;
	for (unsigned n = 0; n < 2; n++)
		sides[n] = (struct side){0, 0, true, true, 0};
}

TestSuite(virtio_net, .init = be_usual);

static uint64_t pages_in_use(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return stats.total - stats.free;
}

static bool find(uint64_t features)
{
	static void (*const none[])(struct eft_device_class *) = {NULL};

	fake_boot(NULL);
	offers = features;
	class = (struct eft_device_class){.name = "net", .finders = none};
	class.end = &class.first;
	eft_plat_guest_find_net(&class);
	net = (struct eft_net *)class.first;
	return net != NULL;
}

static bool boot(uint64_t features)
{
	return find(features) && net->start(net, &sink, &told) == 0;
}

static uint8_t bytes[EFT_NET_FRAME_MAX];

static uint64_t make_bytes(uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = unit_random(256);
	return sum_of(bytes, len);
}

/* A frame that the stack sends, of (count) parts. */
struct out {
	struct eft_net_frame frame;
	uint8_t *data;
	bool lent;
};

static unsigned done;

static void note_done(struct eft_net_frame *f)
{
	struct out *o = eft_container_of(f, struct out, frame);

	check(o->lent);
	o->lent = false;
	done++;
}

static void make_out(struct out *o, uint32_t len, unsigned count)
{
	memset(o, 0, sizeof(*o));
	o->data = bytes;
	for (unsigned i = 0; i < count; i++) {
		uint32_t part = i + 1 < count
					? len / count
					: len - (count - 1) * (len / count);

		check(eft_net_frame_add(&o->frame, bytes + i * (len / count),
					part));
	}
	o->frame.done = note_done;
}

static int send_out(struct out *o)
{
	int err = net->send(net, &o->frame);

	check(!o->lent);
	o->lent = err == 0;
	return err;
}

Test(virtio_net, facts)
{
	check(boot(RICH));
	check_eq(net->mtu, 1500);
	check_eq(net->address[0], 0x52);
	check_eq(net->address[5], 3);
	check_eq(net->features,
		 EFT_NET_SEND_CHECKSUM | EFT_NET_SEND_TCP4 | EFT_NET_SEND_TCP6 |
			 EFT_NET_RECEIVE_CHECKSUM | EFT_NET_RECEIVE_LARGE |
			 EFT_NET_DOORBELL);
	check(net->link(net));
	check_eq(told, 1);
	check_eq(device_status & EFT_VIRTIO_DRIVER_OK, EFT_VIRTIO_DRIVER_OK);
}

Test(virtio_net, facts_of_a_poor_one)
{
	config_len = 0;
	check(boot(0));
	check_eq(net->mtu, 1500);
	check_eq(net->address[0] & 3, 2); /* ours, and not a group's */
	check_eq(net->features, EFT_NET_DOORBELL);
	check(net->link(net));
}

/* Large frames are refused where they would not be merged from buffers. */
Test(virtio_net, no_large_frames_without_merging)
{
	check(boot(RICH & ~BIT(F_MRG_RXBUF)));
	check_eq(net->features & EFT_NET_RECEIVE_LARGE, 0);
	check_eq(v.features & BIT(F_GUEST_TSO4), 0);
	check(net->features & EFT_NET_RECEIVE_CHECKSUM);
}

Test(virtio_net, large_mtu_without_merging)
{
	config_bytes[AT_MTU] = 9000 & 0xff;
	config_bytes[AT_MTU + 1] = 9000 >> 8;
	check(boot(BIT(F_MTU)));
	check_eq(net->mtu, 9000);
	make_bytes(9014);
	check(inject(bytes, 9014));
	interrupt(0);
	run_stack(4);
	check_eq(arrived, 1);
	check_eq(memcmp(last_bytes, bytes, 9014), 0);
}

static void refused(uint64_t features)
{
	check(!find(features));
	check(v.failed);
	check_eq(device_status, 0);
}

Test(virtio_net, address_of_a_group)
{
	config_bytes[0] = 1;
	refused(RICH);
}

Test(virtio_net, mtu_too_small)
{
	config_bytes[AT_MTU] = 67;
	config_bytes[AT_MTU + 1] = 0;
	refused(RICH);
}

Test(virtio_net, short_configuration)
{
	config_len = 11;
	refused(RICH);
}

Test(virtio_net, no_queue_to_send)
{
	queues = 1;
	refused(RICH);
}

static uint32_t random_len(uint32_t most)
{
	uint32_t len =
		unit_random(10) == 0 ? unit_random(most) : unit_random(1500);

	return EFT_NET_ETHERNET_HEADER + eft_min(len, most);
}

static struct out senders[8];
static uint64_t in_sum, out_sum;
static unsigned in_count, out_count;

static void receive_step(uint32_t most)
{
	uint32_t len = random_len(most);
	uint64_t sum = make_bytes(len);

	memset(&header, 0, sizeof(header));
	if (inject(bytes, len)) {
		in_count++;
		in_sum += sum;
	}
	if (unit_random(3) == 0)
		interrupt(0);
}

static void send_step(uint32_t most)
{
	struct out *o = &senders[unit_random(eft_array_size(senders))];
	uint32_t len = random_len(most);
	uint64_t sum;

	if (o->lent)
		return;
	sum = make_bytes(len);
	make_out(o, len, 1 + unit_random(4));
	if (send_out(o) == 0) {
		out_count++;
		out_sum += sum;
	}
	net->flush(net); /* the bytes are used again */
}

/*
 * Both ways, at random, on each kind of ring. Nobody polls who was not told:
 * if a wake-up is lost, frames are.
 */
static void exchange(uint64_t features, uint32_t most)
{
	uint64_t before;

	check(boot(features));
	run_stack(16);
	before = pages_in_use();
	for (unsigned i = 0; i < STEPS; i++) {
		switch (unit_random(4)) {
		case 0:
			run_stack(1 + unit_random(40));
			break;
		case 1:
			send_step(1500);
			break;
		default:
			receive_step(most);
		}
	}
	interrupt(0);
	run_stack(16);
	check_eq(pages_in_use(), before);
	check_eq(in_count, arrived);
	check_eq(in_sum, arrived_sum);
	check_eq(out_count, done);
	check_eq(out_count, transmitted);
	check_eq(out_sum, sent_sum);
	check(in_count > STEPS / 4 && out_count > STEPS / 10);
	check_eq(net->counts.frames_in, in_count);
	check_eq(net->counts.frames_out, out_count);
	check(!v.failed);
}

Test(virtio_net, exchange_split)
{
	exchange(PLAIN, 1500);
}

Test(virtio_net, exchange_split_in_tables_by_index)
{
	exchange(RICH | RINGS, 60000);
}

Test(virtio_net, exchange_packed)
{
	exchange(PLAIN | PACKED, 1500);
}

Test(virtio_net, exchange_packed_in_tables_by_index)
{
	exchange(RICH | RINGS | PACKED, 60000);
}

Test(virtio_net, exchange_that_tells_all)
{
	eft_virtio_tells_all = always_interrupts = true;
	exchange(RICH, 60000);
	eft_virtio_tells_all = false;
}

/* A frame comes while interrupts are off, just before and after they are on. */
static void inject_one(void)
{
	check(inject(bytes, 60));
	interrupt(0);
}

static void race(uint64_t features, void (**when)(void))
{
	check(boot(features));
	run_stack(16);
	for (unsigned i = 1; i <= 20; i++) {
		inject_one();
		*when = inject_one;
		run_stack(16);
		check_eq(arrived, 2 * i);
		check_eq(told, 0);
	}
}

Test(virtio_net, race_before_listening)
{
	race(RICH | RINGS, &before_listen);
}

Test(virtio_net, race_after_listening)
{
	race(RICH | RINGS, &after_listen);
}

Test(virtio_net, race_before_listening_packed)
{
	race(RICH | PACKED, &before_listen);
}

Test(virtio_net, race_after_listening_packed)
{
	race(RICH | RINGS | PACKED, &after_listen);
}

/* While the stack is told, many frames make no more interrupts. */
Test(virtio_net, interrupts_are_off_until_the_end_of_poll)
{
	check(boot(RICH));
	run_stack(16);
	interrupts = 0;
	for (unsigned i = 0; i < 40; i++)
		inject_one();
	check_eq(interrupts, 1);
	told = 0;
	check_eq(net->poll(net, 10), 10);
	inject_one();
	check_eq(interrupts,
		 1); /* its budget was used up: it is called again */
	check_eq(told, 0);
	check_eq(net->poll(net, 64), 31);
	inject_one();
	check_eq(interrupts, 2);
	check_eq(told, 1);
}

/* One notification for many frames. */
Test(virtio_net, flush_notifies)
{
	static struct out many[10];

	check(boot(RICH | RINGS));
	run_stack(16);
	for (unsigned i = 0; i < 10; i++) {
		make_out(&many[i], 100, 2);
		check_eq(send_out(&many[i]), 0);
		check_eq(transmitted, 0);
	}
	net->flush(net);
	check_eq(transmitted, 10);
	run_stack(16);
	check_eq(done, 10);
}

static void full(uint64_t features, unsigned size)
{
	static struct out many[300];
	unsigned n = 0;
	int err;

	descriptors = size;
	check(boot(features));
	run_stack(16);
	asleep = true;
	do {
		make_out(&many[n], 100, 1);
		err = send_out(&many[n++]);
	} while (err == 0);
	check_eq(err, -EAGAIN);
	check(n - 1 <= size && n > size / 2);
	check_eq(told, 0);
	asleep = false;
	transmit(); /* it was told, though nobody flushed */
	check_eq(told, 1);
	told = 0;
	check_eq(net->poll(net, 16), 0);
	check_eq(done, n - 1);
	check_eq(told, 1); /* for the sender */
	run_stack(16);
	check_eq(told, 0);
	check_eq(send_out(&many[n - 1]), 0);
}

Test(virtio_net, full)
{
	full(RICH | RINGS, 256);
}

Test(virtio_net, full_of_few_descriptors)
{
	full(RICH, 32);
}

Test(virtio_net, full_packed)
{
	full(RICH | PACKED, 64);
}

Test(virtio_net, headers_both_ways)
{
	struct out o;

	check(boot(RICH | RINGS));
	run_stack(16);
	make_out(&o, 4000, 2);
	o.frame.checksum_partial = true;
	o.frame.checksum_start = 34;
	o.frame.checksum_offset = 16;
	o.frame.segments = EFT_NET_TCP6;
	o.frame.segment_bytes = 1400;
	o.frame.header_bytes = 74;
	check_eq(send_out(&o), 0);
	net->flush(net);
	check_eq(header.flags, 1);
	check_eq(header.type, 4);
	check_eq(header.header_bytes, 74);
	check_eq(header.segment_bytes, 1400);
	check_eq(header.checksum_start, 34);
	check_eq(header.checksum_offset, 16);
	check(inject(bytes, 5000)); /* with that header */
	interrupt(0);
	run_stack(16);
	check_eq(arrived, 1);
	check_eq(last.len, 5000);
	check_eq(last.count, 2);
	check(last.checksum_partial && !last.checksum_right);
	check_eq(last.checksum_start, 34);
	check_eq(last.checksum_offset, 16);
	check_eq(last.segments, EFT_NET_TCP6);
	check_eq(last.segment_bytes, 1400);
	check_eq(last.header_bytes, 74);
	header = (struct eft_net_header){.flags = 2};
	check(inject(bytes, 60));
	interrupt(0);
	run_stack(16);
	check(last.checksum_right && !last.checksum_partial);
	check_eq(last.segments, EFT_NET_WHOLE);
}

/* No memory: frames are dropped, the ring stays as it is, and it goes on. */
Test(virtio_net, no_memory)
{
	check(boot(RICH | RINGS));
	run_stack(16);
	eft_alloc_fail_after(0);
	for (unsigned i = 0; i < 1000; i++) {
		check(inject(bytes, 4000)); /* two buffers */
		interrupt(0);
		run_stack(16);
	}
	check(net->counts.dropped_in > 800);
	check_eq(net->counts.dropped_in + arrived, 1000);
	eft_alloc_fail_after(UINT64_MAX);
	arrived = 0;
	for (unsigned i = 0; i < 100; i++)
		check(inject(bytes, 4000)), interrupt(0), run_stack(16);
	check_eq(arrived, 100);
	check_eq(((struct eft_virtio_nic *)net)->lent, 256);
}

Test(virtio_net, no_memory_to_start)
{
	check(find(RICH));
	eft_alloc_fail_after(10);
	check_eq(net->start(net, &sink, &told), -ENOMEM);
}

/* Frames that nobody gives back take memory, and no more. */
Test(virtio_net, frames_that_are_kept)
{
	uint64_t before;

	check(boot(RICH));
	run_stack(16);
	before = pages_in_use();
	keeps = true;
	for (unsigned i = 0; i < 600; i++) {
		check(inject(bytes, 60));
		interrupt(0);
		run_stack(16);
	}
	check_eq(arrived, 600);
	check_eq(pages_in_use(), before + 600);
	give_back_kept();
	check_eq(pages_in_use(), before);
}

Test(virtio_net, runt)
{
	uint64_t before;

	check(boot(RICH));
	run_stack(16);
	before = pages_in_use();
	check(inject(bytes, 13));
	interrupt(0);
	run_stack(16);
	check_eq(arrived, 0);
	check_eq(net->counts.errors_in, 1);
	check_eq(pages_in_use(), before);
	check(!v.failed);
}

static void set_link(bool up)
{
	config_bytes[AT_STATUS] = up;
	fake_interrupt((void (*)(void *))eft_virtio_changed, &v);
}

Test(virtio_net, link)
{
	check(boot(RICH));
	run_stack(16);
	set_link(false);
	check_eq(told, 1);
	run_stack(16);
	check_eq(down_told, 1);
	check(!net->link(net));
	set_link(true);
	set_link(false);
	set_link(true);
	run_stack(16);
	check_eq(up_told, 1);
	check_eq(down_told, 1);
	check(net->link(net));
}

static void change_link(void)
{
	set_link(false);
}

Test(virtio_net, link_goes_down_as_it_listens)
{
	check(boot(RICH));
	before_listen = change_link;
	run_stack(16);
	check_eq(down_told, 1);
}

static void mend_link(void)
{
	set_link(true);
}

/* It is told already: nobody else looks. */
Test(virtio_net, link_comes_back_before_it_listens)
{
	check(boot(RICH));
	run_stack(16);
	at_link_down = mend_link;
	set_link(false);
	run_stack(16);
	check_eq(down_told, 1);
	check_eq(up_told, 1);
	check(net->link(net));
}

Test(virtio_net, link_is_down_at_the_start)
{
	config_bytes[AT_STATUS] = 0;
	check(boot(RICH));
	check(!net->link(net));
	run_stack(16);
	check_eq(down_told, 0);
}

/*
 * Liars. Each has failed then: what was sent is the sender's again, the link is
 * down, all memory that was lent is free, and nothing more is taken.
 */
static void has_failed(const char *why)
{
	struct out o;

	fake_interrupt(interrupt_now, v.queue[0]);
	run_stack(16);
	check(v.failed);
	check_eq(device_status, 0);
	check(strstr(fake_console, why) != NULL);
	check_eq(down_told, 1);
	check(!net->link(net));
	check_eq(arrived, 0);
	for (unsigned i = 0; i < eft_array_size(senders); i++)
		check(!senders[i].lent);
	make_out(&o, 60, 1);
	check_eq(send_out(&o), -EIO);
	check_eq(net->poll(net, 16), 0);
}

static uint64_t boot_liar(uint64_t features)
{
	uint64_t before;

	check(find(features));
	before = pages_in_use();
	check_eq(net->start(net, &sink, &told), 0);
	run_stack(16);
	asleep = true;
	for (unsigned i = 0; i < 3; i++) {
		make_out(&senders[i], 100, 2);
		check_eq(send_out(&senders[i]), 0);
	}
	net->flush(net);
	return before;
}

static void lies(uint64_t features, struct eft_net_header h, uint32_t len,
		 const char *why)
{
	uint64_t before = boot_liar(features);

	header = h;
	check(inject(bytes, len));
	has_failed(why);
	check_eq(pages_in_use(), before);
}

Test(virtio_net, lie_of_checksum_outside)
{
	lies(RICH,
	     (struct eft_net_header){
		     .flags = 1, .checksum_start = 50, .checksum_offset = 9},
	     60, "outside its frame");
}

Test(virtio_net, lie_of_checksum_far_outside)
{
	lies(RICH | PACKED,
	     (struct eft_net_header){.flags = 1,
				     .checksum_start = 0xffff,
				     .checksum_offset = 0xffff},
	     5000, "outside its frame");
}

Test(virtio_net, lie_of_checksum_not_agreed)
{
	lies(PLAIN, (struct eft_net_header){.flags = 1}, 60,
	     "was not agreed on");
}

Test(virtio_net, lie_of_segments_not_agreed)
{
	lies(PLAIN, (struct eft_net_header){.type = 1, .segment_bytes = 1}, 60,
	     "was not agreed on");
}

Test(virtio_net, lie_of_datagrams)
{
	lies(RICH, (struct eft_net_header){.type = 3, .segment_bytes = 1}, 60,
	     "was not agreed on");
}

Test(virtio_net, lie_of_segments_of_no_size)
{
	lies(RICH, (struct eft_net_header){.type = 1}, 4000, "of no size");
}

Test(virtio_net, lie_of_long_headers)
{
	lies(RICH,
	     (struct eft_net_header){
		     .type = 0x81, .segment_bytes = 1, .header_bytes = 61},
	     60, "longer than their frame");
}

/* Buffers by hand: (count) of them, each with (len) bytes. */
static void lies_of_buffers(uint64_t features, unsigned said, unsigned count,
			    uint32_t len, const char *why)
{
	uint64_t before = boot_liar(features);
	struct lent l;

	for (unsigned i = 0; i < count; i++) {
		check(fetch(0, &l));
		if (i == 0) {
			memset(l.part[0].data, 0, HEADER);
			memcpy(l.part[0].data + 10, &(uint16_t){said}, 2);
		}
		use(0, l.id, l.descriptors, len ? len : l.part[0].len);
	}
	has_failed(why);
	check_eq(pages_in_use(), before);
}

Test(virtio_net, lie_of_no_buffers)
{
	lies_of_buffers(RICH, 0, 1, 100, "or in none");
}

Test(virtio_net, lie_of_many_buffers)
{
	lies_of_buffers(RICH, EFT_NET_PARTS_MAX + 1, 1, 100, "too many");
}

Test(virtio_net, lie_of_all_buffers)
{
	lies_of_buffers(RICH | RINGS, 0xffff, 1, 100, "too many");
}

Test(virtio_net, lie_of_a_frame_too_long)
{
	lies_of_buffers(RICH, EFT_NET_PARTS_MAX, EFT_NET_PARTS_MAX, 0,
			"too long");
}

Test(virtio_net, lie_of_an_empty_frame)
{
	lies_of_buffers(RICH, 1, 1, HEADER, "less than a header");
}

Test(virtio_net, lie_of_less_than_a_header)
{
	lies_of_buffers(PLAIN | PACKED, 1, 1, 3, "less than a header");
}

Test(virtio_net, lie_of_more_than_was_lent)
{
	lies_of_buffers(RICH, 1, 1, EFT_PAGE_SIZE, "more than it was lent");
}

/* A frame of which the rest never comes: the device fails in another way. */
Test(virtio_net, unfinished_frame)
{
	uint64_t before = boot_liar(RICH);
	struct lent l;

	check(fetch(0, &l));
	memset(l.part[0].data, 0, HEADER);
	l.part[0].data[10] = 2;
	use(0, l.id, l.descriptors, 1000);
	interrupt(0);
	run_stack(16);
	check_eq(arrived, 0);
	check(!v.failed);
	device_status |= EFT_VIRTIO_NEEDS_RESET;
	fake_interrupt((void (*)(void *))eft_virtio_changed, &v);
	has_failed("wants to be reset");
	check_eq(pages_in_use(), before);
}

/* The second half comes later; other frames behind it. */
Test(virtio_net, frame_in_two_steps)
{
	struct lent l;

	check(boot(RICH));
	run_stack(16);
	for (unsigned i = 0; i < 2; i++) {
		check(fetch(0, &l));
		memset(l.part[0].data, 0, HEADER);
		l.part[0].data[10] = 2;
		use(0, l.id, l.descriptors, 1000);
		interrupt(0);
		run_stack(16);
		check_eq(arrived, i);
	}
	check_eq(last.len, 2000 - HEADER);
	check_eq(last.count, 2);
	memset(&header, 0, sizeof(header));
	inject_one();
	run_stack(16);
	check_eq(arrived, 2);
}

Test(virtio_net, lie_of_what_was_not_lent)
{
	uint64_t before = boot_liar(RICH);

	use(0, 300, 1, 60);
	has_failed("was not lent");
	check_eq(pages_in_use(), before);
}

Test(virtio_net, lie_of_sending)
{
	uint64_t before = boot_liar(RICH | RINGS);
	struct lent l;

	check(fetch(1, &l));
	use(1, l.id, l.descriptors, 12);
	has_failed("more than it was lent");
	check_eq(done, 3);
	check_eq(pages_in_use(), before);
}

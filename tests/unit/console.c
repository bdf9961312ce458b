// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-console (plat-kvm/virtio/console.c, console_control.c) against a device
 * of the test's own, by VIRTIO 1.2 §5.3, and one that lies.
 */
#include "plat-kvm/virtio/console.h"
#include "tests/unit/unit.h"

#include "plat-kvm/x86/pte.h"

/* Physical addresses are virtual ones here. */
#define page_to_phys(page) ((uintptr_t)(page))
#include "plat-kvm/virtio/console.c"
#include "plat-kvm/virtio/console_control.c"
#include "plat-kvm/virtio/device.c"
#include "tests/fake/virtio.h"

static uint32_t ports = 3;
static uint16_t seen[EFT_VIRTIO_QUEUES_MAX];
static char line[100000]; /* what the serial line got */
static size_t line_len;

size_t eft_kvm_console_write(const void *buf, size_t len)
{
	memcpy(line + line_len, buf, len);
	line_len += len;
	return len;
}

void eft_kvm_serial_drain(void)
{
}

/* Use the next request of queue (n): its memory; NULL: there is none. */
static void *next(unsigned n, uint32_t *ret_len, uint16_t *ret_head)
{
	struct eft_virtq *q = &v.queue[n]->ring;
	uint16_t at = seen[n];

	if (at == q->avail->idx)
		return NULL;
	seen[n]++;
	*ret_head = q->avail->ring[at % q->size];
	*ret_len = q->desc[*ret_head].len;
	return (void *)q->desc[*ret_head].addr;
}

static void use(unsigned n, uint16_t head, uint32_t len)
{
	struct eft_virtq *q = &v.queue[n]->ring;

	q->used->ring[q->used->idx % q->size] =
		(struct eft_virtq_used_elem){head, len};
	q->used->idx++;
}

static void say(uint32_t port, uint16_t event, uint16_t value)
{
	struct control *message;
	uint16_t head;
	uint32_t len;

	message = next(2, &len, &head);
	check(message != NULL && len >= sizeof(*message));
	*message = (struct control){port, event, value};
	use(2, head, sizeof(*message));
	eft_virtio_queue_interrupt(v.queue[2]);
}

/* What the driver says: each is answered as QEMU does. */
static unsigned readied, opened;

static void run_device(struct eft_virtio_queue *queue)
{
	struct control *message;
	uint16_t head;
	uint32_t len;

	if (queue->number != 3)
		return;
	while ((message = next(3, &len, &head))) {
		struct control m = *message;

		check_eq(len, sizeof(m));
		use(3, head, 0);
		eft_virtio_queue_interrupt(queue);
		if (m.event == DEVICE_READY) {
			say(1, DEVICE_ADD, 0);
			say(2, DEVICE_ADD, 0);
			say(7, DEVICE_ADD, 0); /* one too high */
		} else if (m.event == PORT_READY) {
			readied |= 1u << m.port;
			say(m.port, PORT_OPEN, 1);
		} else if (m.event == PORT_OPEN) {
			opened |= 1u << m.port;
		}
	}
}

static struct console *c;

/* Its registers: the number of ports is at 4 (§5.3.4). */
static void set_up(uint64_t features)
{
	fake_boot(NULL);
	begin_device("console");
	found_id = EFT_VIRTIO_CONSOLE;
	tick_ns = 1000000;
	config_first = sizeof(ports);
	config_len = 2 * sizeof(ports);
	memcpy(config_bytes + config_first, &ports, sizeof(ports));
	offers = features;
	queues = features != 0 ? EFT_VIRTIO_QUEUES_MAX : 2;
	descriptors = 64;
}

static void bring_up(uint64_t features)
{
	set_up(features);
	c = eft_page_for_platform(0);
	check(begin(&v, c));
}

static uint8_t got[1 << 20];
static size_t got_len, room;
static unsigned ends;

static size_t take(const uint8_t *buf, size_t len)
{
	size_t n = eft_min(len, room);

	check_eq(ends, 0);
	memcpy(got + got_len, buf, n);
	got_len += n;
	room -= n;
	return n;
}

static void end(void)
{
	ends++;
}

static const struct eft_console_sink sink = {take, end};

/* The host types (len) bytes at the port whose input is queue (n). */
static bool type(unsigned n, const char *text, uint32_t len)
{
	uint16_t head;
	uint32_t size;
	void *buf = next(n, &size, &head);

	if (buf == NULL)
		return false;
	check_eq(size, EFT_PAGE_SIZE);
	memcpy(buf, text, len);
	use(n, head, len);
	return true;
}

#define SEVERAL (1ull << MULTIPORT)

/* The lowest port takes output, the highest gives input. */
Test(console, ports)
{
	uint16_t head;
	uint32_t len;
	char *chunk;

	bring_up(SEVERAL);
	check_eq(readied, 6);
	check_eq(opened, 6);
	check_eq(c->usable, 6);
	chunk = c->console.reserve(&c->console);
	memcpy(chunk, "out", 3);
	c->console.send(&c->console, chunk, 3);
	check(next(5, &len, &head) == chunk);
	check_eq(len, 3);
	use(5, head, 0);
	check(!type(6, "early", 5)); /* nobody listens yet */
	room = 100;
	c->console.start(&c->console, &sink);
	check(type(6, "abc\3\4", 5));
	eft_virtio_queue_interrupt(v.queue[6]);
	check_eq(got_len, 5);
	check(memcmp(got, "abc\3\4", 5) == 0);
}

Test(console, one_port)
{
	bring_up(0);
	check_eq(c->usable, 1);
	room = 100;
	c->console.start(&c->console, &sink);
	check(type(0, "x", 1));
	eft_virtio_queue_interrupt(v.queue[0]);
	check_eq(got_len, 1);
}

/* What finds no room stays, in its order, and the device waits. */
Test(console, pause)
{
	unsigned typed = 0;

	bring_up(SEVERAL);
	room = 2;
	c->console.start(&c->console, &sink);
	while (typed < 20 && type(6, &"abcdefghijklmnopqrst"[typed], 1)) {
		typed++;
		eft_virtio_queue_interrupt(v.queue[6]);
	}
	check_eq(typed, 2 + IN_PAGES);
	check_eq(got_len, 2);
	say(2, PORT_OPEN, 0);
	check_eq(ends, 0);
	room = 3;
	c->console.resume(&c->console);
	check_eq(got_len, 5);
	check_eq(ends, 0);
	room = 100;
	c->console.resume(&c->console);
	check_eq(got_len, typed);
	check(memcmp(got, "abcdefghijklmnopqrst", typed) == 0);
	check_eq(ends, 1);
}

/* The rest of a page comes when there is room for it. */
Test(console, rest)
{
	bring_up(SEVERAL);
	room = 2;
	c->console.start(&c->console, &sink);
	check(type(6, "abcde", 5));
	check(type(6, "fg", 2));
	eft_virtio_queue_interrupt(v.queue[6]);
	check_eq(got_len, 2);
	room = 100;
	c->console.resume(&c->console);
	check_eq(got_len, 7);
	check(memcmp(got, "abcdefg", 7) == 0);
}

/* Its end may be told of before the last bytes are. */
Test(console, end_before_bytes)
{
	bring_up(SEVERAL);
	room = 100;
	c->console.start(&c->console, &sink);
	check(type(6, "last", 4));
	say(2, PORT_OPEN, 0);
	check_eq(ends, 0);
	eft_virtio_queue_interrupt(v.queue[6]);
	check_eq(got_len, 4);
	check_eq(ends, 1);
	say(2, PORT_OPEN, 0); /* it is told once */
	check_eq(ends, 1);
}

/* A port that takes no input has no end of input. */
Test(console, other_port_closes)
{
	bring_up(SEVERAL);
	c->console.start(&c->console, &sink);
	say(1, PORT_OPEN, 0);
	check_eq(ends, 0);
}

Test(console, chunks_come_back)
{
	uint16_t head;
	uint32_t len;
	void *chunk;

	bring_up(SEVERAL);
	for (unsigned i = 0; i < CHUNKS; i++) {
		chunk = c->console.reserve(&c->console);
		check(chunk != NULL && (uintptr_t)chunk % EFT_PAGE_SIZE == 0);
		c->console.send(&c->console, chunk, 1 + i);
	}
	check(c->console.reserve(&c->console) == NULL);
	for (unsigned i = 0; i < CHUNKS; i++) {
		check(next(5, &len, &head) != NULL);
		check_eq(len, 1 + i);
		use(5, head, 0);
	}
	eft_virtio_queue_interrupt(v.queue[5]);
	chunk = c->console.reserve(&c->console);
	c->console.send(&c->console, chunk, 0); /* nothing */
	check(next(5, &len, &head) == NULL);
	check_eq(c->taken, ~CHUNKS_MASK);
}

/*
 * At exit what was sent is waited for: here it has been used. What a writer had
 * not sent yet is not.
 */
Test(console, drain)
{
	uint16_t head;
	uint32_t len;

	bring_up(SEVERAL);
	drained = c;
	c->console.send(&c->console, c->console.reserve(&c->console), 5);
	next(5, &len, &head);
	use(5, head, 0);
	eft_kvm_console_drain();
	check_eq(c->taken, ~CHUNKS_MASK);
	c->console.send(&c->console, c->console.reserve(&c->console), 5);
	v.queue[5]->lock.held = 1; /* by a CPU that was stopped */
	eft_kvm_console_drain();
	v.queue[5]->lock.held = 0;
	next(5, &len, &head);
	use(5, head, 0);
	check(c->console.reserve(&c->console) != NULL);
	eft_kvm_console_drain();
	check(c->taken != ~CHUNKS_MASK);
}

/* A liar has failed: input ends, and output goes by the serial line. */
Test(console, liar)
{
	char *chunk;

	bring_up(SEVERAL);
	room = 100;
	c->console.start(&c->console, &sink);
	use(6, 0, EFT_PAGE_SIZE + 1);
	eft_virtio_queue_interrupt(v.queue[6]);
	check(v.failed);
	check_eq(got_len, 0);
	check_eq(ends, 1);
	chunk = c->console.reserve(&c->console);
	memcpy(chunk, "out", 3);
	c->console.send(&c->console, chunk, 3);
	check_eq(line_len, 3);
	check(memcmp(line, "out", 3) == 0);
	eft_kvm_console_drain();
}

/* Messages that are cut short, of no port, or none. */
Test(console, nonsense)
{
	struct control *message;
	uint16_t head;
	uint32_t len;

	bring_up(SEVERAL);
	for (unsigned i = 0; i < 1000; i++) {
		message = next(2, &len, &head);
		check(message != NULL);
		for (unsigned n = 0; n < len; n++)
			((uint8_t *)message)[n] = unit_random(8);
		use(2, head, unit_random(len + 1));
		eft_virtio_queue_interrupt(v.queue[2]);
	}
	check(!v.failed);
	check_eq(c->usable & ~7u, 0);
}

/* No port opens: it is not waited for long, and is no console. */
Test(console, no_ports)
{
	ports = 0;
	set_up(SEVERAL);
	c = eft_page_for_platform(0);
	check(!begin(&v, c));
	check(now_ns < 10000000000);
}

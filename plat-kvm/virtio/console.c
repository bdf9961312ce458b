// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-console (VIRTIO 1.2 §5.3): a port, whose bytes go both ways; or
 * several, the lowest of which takes output, and the highest gives input. So
 * may a host that closes a port at the end of its input still be written to.
 *
 * HOW	Output is copied into chunks, and goes on when a chunk has been sent.
 *	The bits of (taken) are the chunks that the device has, or a writer.
 *
 * LOCKS  (receiving) covers what arrived, and is held while it is given on.
 */
#include "plat-kvm/virtio/console.h"
#include "core/arch/x86_64/cpu.h"
#include "plat-kvm/x86/pte.h"

#define PATIENCE_NS 300000000ul

static struct console *drained; /* the first, at exit */

static struct port *writer(struct console *c)
{
	return &c->port[__builtin_ctz(c->usable)];
}

static struct port *reader(struct console *c)
{
	return &c->port[31 - __builtin_clz(c->usable)];
}

static bool has_failed(const struct console *c)
{
	return __atomic_load_n(&c->v->failed, __ATOMIC_ACQUIRE);
}

static void *reserve(struct eft_console *console)
{
	struct console *c = (struct console *)console;
	int n = eft_take_bit(&c->taken);

	return n < 0 ? NULL : c->chunks + (size_t)n * CHUNK_BYTES;
}

static void give(struct console *c, const void *chunk)
{
	eft_give_bit(&c->taken,
		     ((const uint8_t *)chunk - c->chunks) / CHUNK_BYTES);
}

static void sent(struct eft_virtio_queue *queue, void *cookie, uint32_t len)
{
	struct port *port = queue->driver;

	give(port->console, cookie);
}

/* The serial line may still work where the device does not. */
static void send(struct eft_console *console, void *chunk, size_t len)
{
	struct console *c = (struct console *)console;
	const struct eft_virtq_part part = {page_to_phys(chunk), len};

	eft_assert(len <= CHUNK_BYTES);
	if (len > 0 &&
	    eft_virtio_lend(&writer(c)->out, &part, 1, 0, chunk) == 0)
		return;
	if (len > 0)
		eft_kvm_console_write(chunk, len);
	give(c, chunk);
}

static void lend_locked(struct port *port, struct arrived *a)
{
	const struct eft_virtq_part part = {page_to_phys(a->data),
					    EFT_PAGE_SIZE};

	a->at = a->len = 0;
	if (eft_virtio_lend(&port->in, &part, 0, 1, a) == 0)
		port->lent++;
}

/* Nothing is in the ring, nor between it and arrive(). */
static bool is_drained_locked(struct port *port)
{
	const struct eft_virtq *ring = &port->in.ring;
	bool done;

	eft_lock(&port->in.lock);
	done = (unsigned)ring->size - ring->free_count == port->lent &&
	       eft_virtq_listen(&port->in.ring);
	eft_unlock(&port->in.lock);
	return done;
}

/* Give on what has arrived, in its order, until it is too much. */
static void deliver_locked(struct console *c, struct port *port)
{
	while (c->sink && port->first) {
		struct arrived *a = port->first;

		if (a->len > 0) /* 0: a failed device has given it back */
			a->at += c->sink->data(a->data + a->at, a->len - a->at);
		if (a->at < a->len)
			return;
		port->first = a->next;
		lend_locked(port, a);
	}
	if (!c->sink || port != reader(c) || c->ended)
		return;
	if (has_failed(c) || (port->closed && is_drained_locked(port))) {
		c->ended = true;
		c->sink->end();
	}
}

static void arrive(struct eft_virtio_queue *queue, void *cookie, uint32_t len)
{
	struct port *port = queue->driver;
	struct console *c = port->console;
	struct arrived *a = cookie, **last;

	eft_lock(&c->receiving);
	port->lent--;
	a->len = len;
	a->next = NULL;
	for (last = &port->first; *last; last = &(*last)->next)
		;
	*last = a;
	deliver_locked(c, port);
	eft_unlock(&c->receiving);
}

void eft_virtio_console_opened(struct console *c, struct port *port, bool open)
{
	eft_lock(&c->receiving);
	port->closed = !open;
	if (!open)
		deliver_locked(c, port);
	eft_unlock(&c->receiving);
}

static void resume(struct eft_console *console)
{
	struct console *c = (struct console *)console;

	eft_lock(&c->receiving);
	deliver_locked(c, reader(c));
	eft_unlock(&c->receiving);
}

static void start(struct eft_console *console,
		  const struct eft_console_sink *sink)
{
	struct console *c = (struct console *)console;

	eft_lock(&c->receiving);
	c->sink = sink;
	for (unsigned i = 0; i < IN_PAGES; i++)
		lend_locked(reader(c), &c->arrived[i]);
	deliver_locked(c, reader(c));
	eft_unlock(&c->receiving);
}

static bool has_all_back(const struct eft_virtio_queue *queue)
{
	return queue->ring.free_count == queue->ring.size;
}

/*
 * What is sent when the program ends arrives: nobody interrupts any more. A
 * chunk that a writer was about to send is not waited for: it does not go on.
 */
void eft_kvm_console_drain(void)
{
	struct console *c = drained;

	while (c && !has_failed(c) && !has_all_back(&writer(c)->out)) {
		struct eft_virtio_queue *out = &writer(c)->out;

		if (__atomic_load_n(&out->lock.held, __ATOMIC_RELAXED))
			break; /* by who will not give it back */
		eft_virtio_queue_interrupt(out);
		eft_cpu_relax();
	}
	eft_kvm_serial_drain();
}

/* Port 0 has queues 0 and 1, the control 2 and 3, port 1 queues 4 and 5. */
static bool start_port(struct console *c, unsigned n)
{
	struct port *port = &c->port[n];
	unsigned first = n == 0 ? 0 : 2 * n + 2;

	port->console = c;
	port->number = n;
	port->closed = c->multiport;
	port->in.driver = port->out.driver = port;
	return eft_virtio_queue_start(c->v, first, &port->in, IN_PAGES, 1,
				      arrive) == 0 &&
	       eft_virtio_queue_start(c->v, first + 1, &port->out, CHUNKS, 1,
				      sent) == 0;
}

static bool make_memory(struct console *c)
{
	uint8_t *in = eft_page_for_platform(IN_ORDER);

	c->chunks = eft_page_for_platform(CHUNK_ORDER);
	if (!in || !c->chunks)
		return false;
	c->taken = ~CHUNKS_MASK;
	for (unsigned i = 0; i < IN_PAGES; i++)
		c->arrived[i].data = in + i * EFT_PAGE_SIZE;
	return true;
}

static const char *start_queues(struct console *c)
{
	uint32_t ports = 1;

	if (!make_memory(c))
		return "there is no memory for it";
	if (c->multiport &&
	    eft_virtio_config(c->v, CONFIG_PORTS, &ports, 4) < 0)
		return "its configuration cannot be read";
	for (unsigned n = 0; n < eft_min(ports, PORTS_MAX); n++) {
		if (!start_port(c, n))
			return "its queues do not start";
		c->port_count++;
	}
	return c->multiport && !eft_virtio_console_control(c)
		       ? "its control queues do not start"
		       : NULL;
}

/* Until all ports that it has told of are open, or for a while. */
static void wait_for_ports(struct console *c)
{
	uint64_t deadline_ns = eft_kvm_monotonic_ns() + PATIENCE_NS;

	while (!has_failed(c) && (c->usable == 0 || c->usable != c->added) &&
	       eft_kvm_monotonic_ns() < deadline_ns) {
		eft_irq_off();
		eft_virtio_queue_interrupt(&c->control_in);
		eft_irq_on();
		eft_cpu_relax();
	}
}

static bool begin(struct eft_virtio *v, struct console *c)
{
	const char *why;

	if (eft_virtio_begin(v, 1ull << MULTIPORT) < 0)
		return false;
	eft_lock_init(&c->receiving, EFT_RANK_SERIAL);
	c->v = v;
	c->multiport = eft_virtio_has(v->features, MULTIPORT);
	c->console = (struct eft_console){
		.device.name = v->name,
		.chunk_bytes = CHUNK_BYTES,
		.reserve = reserve,
		.send = send,
		.start = start,
		.resume = resume,
	};
	why = start_queues(c);
	if (why) {
		eft_virtio_fail(v, why);
		return false;
	}
	eft_virtio_go(v);
	if (c->multiport) {
		eft_virtio_console_ready(c);
		wait_for_ports(c);
	} else {
		c->usable = 1;
	}
	return c->usable != 0;
}

void eft_plat_guest_find_console(struct eft_device_class *class)
{
	struct eft_virtio *v = NULL;
	struct console *c;

	if (eft_plat != &eft_kvm_plat)
		return;
	while ((v = eft_virtio_find(EFT_VIRTIO_CONSOLE, v))) {
		c = eft_page_for_platform(0);
		if (!c || !begin(v, c))
			continue;
		if (!drained)
			drained = c;
		eft_device_add(class, &c->console.device);
	}
}

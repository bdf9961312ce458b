// SPDX-License-Identifier: BSD-3-Clause
/*
 * Messages of virtio-console's about its ports (VIRTIO 1.2 §5.3.6.2).
 */
#include "plat-kvm/virtio/console.h"
#include "plat-kvm/x86/pte.h"

enum { /* events */
       DEVICE_READY = 0,
       DEVICE_ADD = 1,
       PORT_READY = 3,
       CONSOLE_PORT = 4,
       PORT_OPEN = 6,
};

/* A message that finds no room is not missed: 16 are more than three ports. */
static void tell(struct console *c, uint32_t port, uint16_t event,
		 uint16_t value)
{
	int n = eft_take_bit(&c->control_taken);
	struct eft_virtq_part part;

	if (n < 0)
		return;
	c->out[n] = (struct control){port, event, value};
	part = (struct eft_virtq_part){page_to_phys(&c->out[n]),
				       sizeof(struct control)};
	if (eft_virtio_lend(&c->control_out, &part, 1, 0, &c->out[n]) < 0)
		eft_give_bit(&c->control_taken, n);
}

static void told(struct eft_virtio_queue *queue, void *cookie, uint32_t len)
{
	struct console *c = queue->driver;

	eft_give_bit(&c->control_taken, (struct control *)cookie - c->out);
}

static void set(uint32_t *bits, unsigned port)
{
	__atomic_fetch_or(bits, 1u << port, __ATOMIC_ACQ_REL);
}

/* Of ports that we have no queues for we know nothing. */
static void act(struct console *c, const struct control *message)
{
	struct port *port;

	if (message->port >= c->port_count)
		return;
	port = &c->port[message->port];
	switch (message->event) {
	case DEVICE_ADD:
		set(&c->added, port->number);
		tell(c, port->number, PORT_READY, 1);
		tell(c, port->number, PORT_OPEN, 1);
		break;
	case CONSOLE_PORT: /* whose host need not open it */
		eft_virtio_console_opened(c, port, true);
		set(&c->usable, port->number);
		break;
	case PORT_OPEN:
		eft_virtio_console_opened(c, port, message->value != 0);
		if (message->value != 0)
			set(&c->usable, port->number);
	}
}

static void lend(struct console *c, struct heard *heard)
{
	const struct eft_virtq_part part = {page_to_phys(heard),
					    sizeof(*heard)};

	eft_virtio_lend(&c->control_in, &part, 0, 1, heard);
}

/* It is copied before it is looked at. */
static void hear(struct eft_virtio_queue *queue, void *cookie, uint32_t len)
{
	struct console *c = queue->driver;
	struct heard *heard = cookie;
	struct control message = *(volatile struct control *)&heard->message;

	if (len >= sizeof(message))
		act(c, &message);
	lend(c, heard);
}

bool eft_virtio_console_control(struct console *c)
{
	_Static_assert(
		CONTROLS * (sizeof(struct heard) + sizeof(struct control)) <=
			EFT_PAGE_SIZE,
		"");

	c->in = eft_page_for_platform(0);
	if (!c->in)
		return false;
	c->out = (struct control *)(c->in + CONTROLS);
	c->control_taken = ~0ull << CONTROLS;
	c->control_in.driver = c->control_out.driver = c;
	return eft_virtio_queue_start(c->v, 2, &c->control_in, CONTROLS, 1,
				      hear) == 0 &&
	       eft_virtio_queue_start(c->v, 3, &c->control_out, CONTROLS, 1,
				      told) == 0;
}

void eft_virtio_console_ready(struct console *c)
{
	for (unsigned i = 0; i < CONTROLS; i++)
		lend(c, &c->in[i]);
	tell(c, 0, DEVICE_READY, 1);
}

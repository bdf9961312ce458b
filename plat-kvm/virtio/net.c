// SPDX-License-Identifier: BSD-3-Clause
/*
 * virtio-net (VIRTIO 1.2 §5.1): a queue to receive and one to send.
 *
 * HOW	An interrupt switches its queue's interrupts off and tells the stack's
 *	thread, once; poll() switches them on when it has found all that there
 *	is, and looks again after that. Whoever sets (told) calls ready(), and
 *	poll() alone clears it, before it looks the last time.
 *
 * LOCKS  The queues', in device.c.
 */
#include "plat-kvm/virtio/net.h"
#include "core/log.h"

enum { /* features, §5.1.3 */
       SEND_CHECKSUM = 0,
       RECEIVE_CHECKSUM = 1,
       HAS_MTU = 3,
       HAS_ADDRESS = 5,
       RECEIVE_TCP4 = 7,
       RECEIVE_TCP6 = 8,
       SEND_TCP4 = 11,
       SEND_TCP6 = 12,
       MERGES = 15,
       HAS_STATUS = 16,
};

#define RECEIVE_LARGE (1ull << RECEIVE_TCP4 | 1ull << RECEIVE_TCP6)
#define WANTED                                                                \
	(1ull << SEND_CHECKSUM | 1ull << RECEIVE_CHECKSUM | 1ull << HAS_MTU | \
	 1ull << HAS_ADDRESS | RECEIVE_LARGE | 1ull << SEND_TCP4 |            \
	 1ull << SEND_TCP6 | 1ull << MERGES | 1ull << HAS_STATUS)

enum { /* configuration, §5.1.4 */
       CONFIG_ADDRESS = 0,
       CONFIG_STATUS = 6,
       CONFIG_MTU = 10,
};

enum { LINK_UP = 1 }; /* of the status */
enum { MTU_MIN = 68 /* RFC 791, 3.1 */, MTU_USUAL = 1500 };

_Static_assert(sizeof(struct eft_virtio_nic) <= EFT_PAGE_SIZE, "");

static bool can(const struct eft_virtio *v, unsigned feature)
{
	return eft_virtio_has(v->features, feature);
}

void eft_virtio_net_tell(struct eft_virtio_nic *nic)
{
	if (!__atomic_exchange_n(&nic->told, true, __ATOMIC_ACQ_REL))
		nic->sink->ready(&nic->net, nic->arg);
}

static void note_change(struct eft_virtio *v)
{
	struct eft_virtio_nic *nic = v->driver;

	__atomic_store_n(&nic->changed, true, __ATOMIC_RELEASE);
	eft_virtio_net_tell(nic);
}

/* §5.1.4.2: where it has no status there is always a link. */
static bool read_link(struct eft_virtio_nic *nic)
{
	uint16_t status = LINK_UP;

	if (eft_virtio_net_has_failed(nic))
		return false;
	if (can(nic->v, HAS_STATUS) &&
	    eft_virtio_config(nic->v, CONFIG_STATUS, &status, 2) < 0)
		return false;
	return status & LINK_UP;
}

static void look_at_link(struct eft_virtio_nic *nic)
{
	bool changed =
		__atomic_exchange_n(&nic->changed, false, __ATOMIC_ACQ_REL);
	bool up;

	if (!changed && !eft_virtio_net_has_failed(nic))
		return;
	up = read_link(nic);
	if (__atomic_exchange_n(&nic->up, up, __ATOMIC_ACQ_REL) != up)
		nic->sink->link(&nic->net, nic->arg, up);
}

static bool is_up(struct eft_net *net)
{
	return __atomic_load_n(&((struct eft_virtio_nic *)net)->up,
			       __ATOMIC_ACQUIRE);
}

/* Frames that a failed device had are handed back in reclaim(). */
static bool has_more(struct eft_virtio_nic *nic)
{
	bool none = eft_virtio_listen(&nic->in);

	none &= eft_virtio_listen(&nic->out);
	return !none || __atomic_load_n(&nic->changed, __ATOMIC_ACQUIRE) ||
	       __atomic_load_n(&nic->back, __ATOMIC_ACQUIRE) != NULL;
}

/* False: something came meanwhile, of which nobody else was told. */
static bool rest(struct eft_virtio_nic *nic)
{
	__atomic_store_n(&nic->told, false, __ATOMIC_SEQ_CST);
	return !has_more(nic) ||
	       __atomic_exchange_n(&nic->told, true, __ATOMIC_ACQ_REL);
}

/* There is room again: does a sender wait for that? */
static void tell_sender(struct eft_virtio_nic *nic)
{
	bool reclaimed = nic->reclaimed;

	nic->reclaimed = false;
	if (!reclaimed ||
	    !__atomic_exchange_n(&nic->stalled, false, __ATOMIC_SEQ_CST))
		return;
	eft_irq_off();
	eft_virtio_net_tell(nic);
	eft_irq_on();
}

static unsigned poll(struct eft_net *net, unsigned budget)
{
	struct eft_virtio_nic *nic = (struct eft_virtio_nic *)net;
	unsigned count = 0;

	do {
		count += eft_virtio_net_receive(nic, budget - count);
		eft_virtio_net_refill(nic);
		eft_virtio_net_reclaim(nic);
		look_at_link(nic);
		if (eft_virtio_net_has_failed(nic))
			eft_virtio_net_forget(nic);
	} while (count < budget && !rest(nic));
	if (count < budget)
		tell_sender(nic);
	return count;
}

/* The first poll() listens, and finds what has happened until then. */
static int start(struct eft_net *net, const struct eft_net_sink *sink,
		 void *arg)
{
	struct eft_virtio_nic *nic = (struct eft_virtio_nic *)net;

	eft_assert(nic->sink == NULL && nic->told);
	nic->sink = sink;
	nic->arg = arg;
	eft_virtio_net_refill(nic);
	if (eft_virtio_net_has_failed(nic))
		return -EIO;
	if (nic->lent < nic->lent_min)
		return -ENOMEM;
	eft_irq_off();
	sink->ready(net, arg);
	eft_irq_on();
	return 0;
}

static unsigned features_of(const struct eft_virtio *v)
{
	unsigned features = EFT_NET_DOORBELL;

	if (can(v, SEND_CHECKSUM))
		features |= EFT_NET_SEND_CHECKSUM |
			    (can(v, SEND_TCP4) ? EFT_NET_SEND_TCP4 : 0) |
			    (can(v, SEND_TCP6) ? EFT_NET_SEND_TCP6 : 0);
	if (can(v, RECEIVE_CHECKSUM))
		features |= EFT_NET_RECEIVE_CHECKSUM |
			    (v->features & RECEIVE_LARGE ? EFT_NET_RECEIVE_LARGE
							 : 0);
	return features;
}

/* Locally administered, and nobody's group's (IEEE 802, 8.2). */
static void make_address(uint8_t *address)
{
	static uint8_t made;

	__builtin_memset(address, 0, EFT_NET_ADDRESS_BYTES);
	if (eft_plat->entropy(address, EFT_NET_ADDRESS_BYTES) < 0)
		address[EFT_NET_ADDRESS_BYTES - 1] = ++made;
	address[0] = (address[0] & ~1u) | 2;
}

static const char *read_facts(struct eft_virtio_nic *nic)
{
	struct eft_virtio *v = nic->v;
	uint8_t *address = nic->net.address;
	uint16_t mtu = MTU_USUAL, status;

	if ((can(v, HAS_ADDRESS) &&
	     eft_virtio_config(v, CONFIG_ADDRESS, address,
			       EFT_NET_ADDRESS_BYTES) < 0) ||
	    (can(v, HAS_STATUS) &&
	     eft_virtio_config(v, CONFIG_STATUS, &status, 2) < 0) ||
	    (can(v, HAS_MTU) && eft_virtio_config(v, CONFIG_MTU, &mtu, 2) < 0))
		return "its configuration cannot be read";
	if (!can(v, HAS_ADDRESS))
		make_address(address);
	if (address[0] & 1)
		return "its address is a group's";
	if (mtu < MTU_MIN)
		return "its MTU is below 68";
	nic->net.mtu = mtu;
	nic->net.features = features_of(v);
	nic->merges = can(v, MERGES);
	return NULL;
}

/* Large frames want to be merged from buffers; else each takes 64 KiB. */
static int agree(struct eft_virtio *v)
{
	int err = eft_virtio_begin(v, WANTED);

	if (err == 0 && v->features & RECEIVE_LARGE &&
	    (!can(v, MERGES) || !can(v, RECEIVE_CHECKSUM)))
		err = eft_virtio_begin(v, WANTED & ~RECEIVE_LARGE);
	return err;
}

static const char *begin_queues(struct eft_virtio_nic *nic)
{
	const char *why;

	if (can(nic->v, HAS_STATUS))
		nic->v->changed = note_change;
	why = eft_virtio_net_begin_receiving(nic);
	return why ? why : eft_virtio_net_begin_sending(nic);
}

static bool begin(struct eft_virtio *v, struct eft_virtio_nic *nic)
{
	const char *why;

	if (agree(v) < 0)
		return false;
	nic->v = v;
	v->driver = nic;
	nic->told = true; /* until start() */
	nic->net.device.name = v->name;
	nic->net.link = is_up;
	nic->net.start = start;
	nic->net.poll = poll;
	nic->net.send = eft_virtio_net_send;
	nic->net.flush = eft_virtio_net_flush;
	why = read_facts(nic);
	if (!why)
		why = begin_queues(nic);
	if (why) {
		eft_virtio_fail(v, why);
		return false;
	}
	eft_virtio_go(v);
	nic->up = read_link(nic);
	return true;
}

void eft_plat_guest_find_net(struct eft_device_class *class)
{
	struct eft_virtio *v = NULL;
	struct eft_virtio_nic *nic;

	if (eft_plat != &eft_kvm_plat)
		return;
	while ((v = eft_virtio_find(EFT_VIRTIO_NET, v))) {
		nic = eft_page_for_platform(0);
		if (nic && begin(v, nic))
			eft_device_add(class, &nic->net.device);
	}
}

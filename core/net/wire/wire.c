// SPDX-License-Identifier: BSD-3-Clause
/*
 * HOW	The host tells by a ticket when there is something to read, and, while a
 *	frame waits, when there is room. A ticket is got at the end of poll(),
 *	when (told) is false again; what has come before that is told at once.
 */
#include "core/net/wire/wire.h"
#include "core/arch/x86_64/cpu.h"

static const struct eft_host_waiting *waiting(void)
{
	return eft_plat_host_waiting();
}

/* With interrupts off, as (ready) is called in one. */
void eft_wire_tell(struct eft_wire *wire)
{
	if (__atomic_exchange_n(&wire->told, true, __ATOMIC_ACQ_REL))
		return;
	eft_irq_off();
	wire->sink->ready(&wire->net, wire->arg);
	eft_irq_on();
}

static void note_event(void *arg)
{
	struct eft_wire_ticket *ticket = arg;

	__atomic_store_n(&ticket->waits, false, __ATOMIC_RELEASE);
	eft_wire_tell(ticket->wire);
}

/* False: the host tells nobody. */
static bool listen(struct eft_wire_ticket *t, int handle, unsigned events)
{
	if (__atomic_exchange_n(&t->waits, true, __ATOMIC_ACQ_REL))
		return true;
	t->ticket = waiting()->notify(handle, events, note_event, t);
	if (t->ticket < 0)
		__atomic_store_n(&t->waits, false, __ATOMIC_RELEASE);
	return t->ticket >= 0;
}

static void stop_listening(struct eft_wire_ticket *t)
{
	if (__atomic_load_n(&t->waits, __ATOMIC_ACQUIRE))
		waiting()->cancel(t->ticket);
	__atomic_store_n(&t->waits, false, __ATOMIC_RELEASE);
}

void eft_wire_set_up(struct eft_wire *wire, bool up)
{
	if (__atomic_exchange_n(&wire->up, up, __ATOMIC_ACQ_REL) != up &&
	    wire->sink)
		wire->sink->link(&wire->net, wire->arg, up);
}

void eft_wire_vector(const void *header, size_t header_len,
		     const struct eft_net_frame *frame, size_t skip,
		     struct eft_wire_vector *ret_vector)
{
	ret_vector->count = 0;
	for (unsigned i = 0; i <= frame->count; i++) {
		const char *data = i > 0 ? frame->parts[i - 1].data : header;
		size_t len = i > 0 ? frame->parts[i - 1].len : header_len;
		size_t less = eft_min(skip, len);

		skip -= less;
		if (less < len)
			ret_vector->iov[ret_vector->count++] =
				(struct eft_iovec){
					eft_as_user((void *)(data + less)),
					len - less};
	}
}

void eft_wire_deliver(struct eft_wire *wire, struct eft_net_frame *frame)
{
	eft_wire_count(&wire->net.counts.frames_in, 1);
	eft_wire_count(&wire->net.counts.bytes_in, frame->len);
	wire->sink->frame(&wire->net, wire->arg, frame);
}

/* (frame) is its owner's again. */
static void finish(struct eft_wire *wire, struct eft_net_frame *frame, int err)
{
	struct eft_net_counts *counts = &wire->net.counts;

	if (err == 0) {
		eft_wire_count(&counts->frames_out, 1);
		eft_wire_count(&counts->bytes_out, frame->len);
	} else {
		eft_wire_count(&counts->errors_out, 1);
	}
	frame->done(frame);
}

static int write_locked(struct eft_wire *wire,
			const struct eft_net_frame *frame)
{
	int err = wire->handle >= 0 ? wire->kind->write(wire, frame) : -EIO;

	if (err != -EAGAIN)
		wire->sent = 0;
	return err;
}

/* What waits. False: there is still no room. */
static bool write_pending(struct eft_wire *wire)
{
	struct eft_net_frame *frame;
	int err = 0;

	eft_mutex_lock(&wire->sending);
	frame = wire->pending;
	if (frame)
		err = write_locked(wire, frame);
	if (err != -EAGAIN)
		wire->pending = NULL;
	eft_mutex_unlock(&wire->sending);
	if (err == -EAGAIN)
		return false;
	if (frame)
		finish(wire, frame, err);
	return true;
}

static void set_handle(struct eft_wire *wire, int handle)
{
	eft_mutex_lock(&wire->sending);
	wire->handle = handle;
	eft_mutex_unlock(&wire->sending);
}

static void lose(struct eft_wire *wire, int error)
{
	int handle = wire->handle;

	stop_listening(&wire->in);
	stop_listening(&wire->out);
	set_handle(wire, -1);
	eft_plat_host_files()->close(handle);
	eft_log(EFT_LOG_WARN, "%s: the other side has gone (error %d)",
		wire->name, -error);
	write_pending(wire); /* fails */
}

/* Whom the host is to tell of what. */
static void listen_to_all(struct eft_wire *wire, bool has_room)
{
	int handle = wire->handle >= 0 ? wire->handle : wire->listening;
	bool listens = handle < 0 || listen(&wire->in, handle, POLLIN);

	if (wire->handle >= 0 && !has_room)
		listens &= listen(&wire->out, wire->handle, POLLOUT);
	if (!listens)
		eft_log(EFT_LOG_ERROR, "%s: the host tells of nothing any more",
			wire->name);
}

/* What came since poll() looked is told at once. */
static void rest(struct eft_wire *wire, bool has_room)
{
	bool again;

	__atomic_store_n(&wire->told, false, __ATOMIC_SEQ_CST);
	listen_to_all(wire, has_room);
	eft_mutex_lock(&wire->sending);
	again = has_room && (wire->pending || wire->stalled);
	if (again)
		wire->stalled = false;
	eft_mutex_unlock(&wire->sending);
	if (again)
		eft_wire_tell(wire);
}

static void accept(struct eft_wire *wire)
{
	int handle = wire->kind->accept(wire);

	if (handle < 0)
		return;
	stop_listening(&wire->in);
	set_handle(wire, handle);
}

static unsigned poll(struct eft_net *net, unsigned budget)
{
	struct eft_wire *wire = (struct eft_wire *)net;
	bool has_room = write_pending(wire);
	unsigned count = 0;
	int error = 0;

	if (wire->handle < 0 && wire->listening >= 0)
		accept(wire);
	eft_wire_set_up(wire, wire->handle >= 0);
	if (wire->handle >= 0)
		count = wire->kind->receive(wire, budget, &error);
	if (error < 0) {
		lose(wire, error);
		eft_wire_set_up(wire, false);
		has_room = true;
	}
	if (count < budget)
		rest(wire, has_room);
	return count;
}

/* The first poll() looks at all. */
static int start(struct eft_net *net, const struct eft_net_sink *sink,
		 void *arg)
{
	struct eft_wire *wire = (struct eft_wire *)net;

	eft_assert(wire->sink == NULL && wire->told);
	wire->sink = sink;
	wire->arg = arg;
	wire->told = false;
	eft_wire_tell(wire);
	return 0;
}

/* A frame that has no room waits, at most one. */
static int send(struct eft_net *net, struct eft_net_frame *frame)
{
	struct eft_wire *wire = (struct eft_wire *)net;
	bool stalled, waits = false;
	int err = 0;

	eft_assert(frame->count > 0 && frame->count <= EFT_NET_PARTS_MAX);
	eft_mutex_lock(&wire->sending);
	stalled = wire->pending != NULL;
	wire->stalled |= stalled;
	if (!stalled) {
		err = write_locked(wire, frame);
		waits = err == -EAGAIN;
		wire->pending = waits ? frame : NULL;
	}
	eft_mutex_unlock(&wire->sending);
	if (stalled)
		return -EAGAIN;
	if (waits)
		eft_wire_tell(wire);
	else
		finish(wire, frame, err);
	return 0;
}

/* All is written at once. */
static void flush(struct eft_net *net)
{
}

static bool is_up(struct eft_net *net)
{
	return __atomic_load_n(&((struct eft_wire *)net)->up, __ATOMIC_ACQUIRE);
}

void eft_wire_init(struct eft_wire *wire)
{
	wire->handle = wire->listening = -1;
	wire->told = true; /* until start() */
	wire->in.wire = wire->out.wire = wire;
	eft_mutex_init(&wire->sending, EFT_RANK_WIRE);
	wire->net.link = is_up;
	wire->net.start = start;
	wire->net.poll = poll;
	wire->net.send = send;
	wire->net.flush = flush;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * listen() and accept().
 *
 * A socket is made for each connection that lwIP has, and waits with its
 * listener. While more wait than listen() allowed, SYNs are dropped, as Linux
 * does: whoever connects tries again.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/socket.h"

enum {
	HALF_OPEN_MAX = 255, /* lwIP counts them in a byte */
	HALF_OPEN_NONE = 0,
};

static struct tcp_pcb_listen *pcb_of(const struct eft_inet *listener)
{
	eft_assert(listener->state == EFT_INET_LISTENING);
	return listener->pcb.any;
}

static void set_backlog(struct eft_inet *listener)
{
	bool full = listener->tcp.queued > listener->tcp.backlog;

	pcb_of(listener)->backlog = full ? HALF_OPEN_NONE : HALF_OPEN_MAX;
}

/* What a connection has of the socket that listened for it. */
static void inherit(struct eft_inet *made, const struct eft_inet *listener)
{
	made->socket.switches = listener->socket.switches;
	made->socket.send_bytes = listener->socket.send_bytes;
	made->socket.receive_bytes = listener->socket.receive_bytes;
	made->socket.low_water = listener->socket.low_water;
	made->socket.receive_ns = listener->socket.receive_ns;
	made->socket.send_ns = listener->socket.send_ns;
	made->sizes_set = listener->sizes_set;
	made->ttl = listener->ttl;
	made->tos = listener->tos;
	made->device = listener->device;
	made->v6_only = listener->v6_only;
	made->linger = listener->linger;
	made->linger_s = listener->linger_s;
	made->wants = listener->wants;
	made->tcp.keep_idle_s = listener->tcp.keep_idle_s;
	made->tcp.keep_interval_s = listener->tcp.keep_interval_s;
	made->tcp.keep_count = listener->tcp.keep_count;
	made->tcp.user_timeout_ms = listener->tcp.user_timeout_ms;
	made->tcp.low_unsent = listener->tcp.low_unsent;
	made->tcp.linger2_s = listener->tcp.linger2_s;
	made->tcp.syn_count = listener->tcp.syn_count;
	made->tcp.no_delay = listener->tcp.no_delay;
	made->tcp.cork = listener->tcp.cork;
	eft_inet_tcp_set_limit(made);
}

static bool same_name(const struct tcp_pcb_listen *a,
		      const struct tcp_pcb_listen *b)
{
	return a->local_port == b->local_port &&
	       ip_addr_cmp(&a->local_ip, &b->local_ip);
}

/*
 * Which of those that share a name (SO_REUSEPORT) gets the next connection: each
 * in its turn.
 */
static struct eft_inet *choose(struct eft_inet *listener)
{
	static unsigned turn; /* owned by the stack's mutex */
	struct tcp_pcb_listen *own = pcb_of(listener), *at;
	unsigned count = 0, chosen;

	if (!(own->so_options & EFT_SOF_SHARES))
		return listener;
	for (at = tcp_listen_pcbs.listen_pcbs; at != NULL; at = at->next)
		count += same_name(at, own);
	chosen = turn++ % count;
	for (at = tcp_listen_pcbs.listen_pcbs; at != NULL; at = at->next) {
		if (same_name(at, own) && chosen-- == 0)
			return at->callback_arg;
	}
	return listener;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error)
{
	struct eft_inet *listener = arg, *made;

	if (pcb == NULL || listener == NULL)
		return ERR_VAL;
	listener = choose(listener);
	made = eft_inet_create(&eft_inet_tcp_ops, listener->socket.domain,
			       SOCK_STREAM, IP_PROTO_TCP);
	if (made == NULL)
		return ERR_MEM; /* lwIP resets it */
	inherit(made, listener);
	eft_inet_set_state(made, EFT_INET_CONNECTED);
	eft_inet_tcp_adopt(made, pcb);
	eft_inet_tcp_begin_window(made);
	made->tcp.room = pcb->snd_buf;
	made->local = pcb->local_ip;
	made->remote = pcb->remote_ip;
	made->local_port = pcb->local_port;
	made->remote_port = pcb->remote_port;
	made->bound_port = true;
	eft_list_insert(&listener->tcp.queue, &made->tcp.link);
	__atomic_fetch_add(&listener->tcp.queued, 1, __ATOMIC_SEQ_CST);
	set_backlog(listener);
	eft_waitq_wake_one(&listener->readers);
	return ERR_OK;
}

static struct tcp_pcb *listening_pcb(struct eft_inet *self)
{
	struct tcp_pcb *pcb = self->pcb.tcp, *made;
	uint8_t options = pcb->so_options;

	/* What lwIP asks of those with this flag was asked already. */
	pcb->so_options &= (uint8_t)~SOF_REUSEADDR;
	made = tcp_listen_with_backlog(pcb, HALF_OPEN_MAX);
	if (made == NULL)
		pcb->so_options = options;
	else
		made->so_options = options;
	return made;
}

static int start(struct eft_inet *self)
{
	static const struct eft_socket_name any4 = {16, AF_INET, {0}};
	static const struct eft_socket_name any6 = {28, AF_INET6, {0}};
	struct tcp_pcb *pcb;
	int error = 0;

	if (!self->bound_port)
		error = eft_inet_take_name(
			self, self->socket.domain == AF_INET6 ? &any6 : &any4);
	else if (!eft_inet_port_is_free(self, &self->local, self->local_port))
		error = -EFT_EADDRINUSE;
	if (error == 0)
		error = eft_inet_tcp_pcb(self);
	if (error != 0)
		return error;
	pcb = listening_pcb(self);
	if (pcb == NULL)
		return -ENOMEM;
	self->pcb.tcp = pcb;
	tcp_arg(pcb, self);
	tcp_accept(pcb, on_accept);
	eft_inet_set_state(self, EFT_INET_LISTENING);
	return 0;
}

int eft_inet_listen(struct eft_socket *socket, int backlog)
{
	struct eft_inet *self = eft_inet(socket);
	int error = 0;

	eft_inet_lock();
	if (self->state == EFT_INET_UNCONNECTED)
		error = start(self);
	else if (self->state != EFT_INET_LISTENING)
		error = -EINVAL;
	if (error == 0) {
		self->tcp.backlog = eft_min((uint32_t)backlog, SOMAXCONN);
		set_backlog(self);
	}
	eft_inet_unlock();
	return error;
}

bool eft_inet_listens(struct eft_socket *socket)
{
	return eft_inet_state(eft_inet(socket)) == EFT_INET_LISTENING;
}

static struct eft_inet *next_pending(struct eft_inet *listener)
{
	struct eft_inet *made;

	if (eft_list_empty(&listener->tcp.queue))
		return NULL;
	made = eft_container_of(listener->tcp.queue.next, struct eft_inet,
				tcp.link);
	eft_list_remove(&made->tcp.link);
	__atomic_fetch_sub(&listener->tcp.queued, 1, __ATOMIC_SEQ_CST);
	set_backlog(listener);
	return made;
}

static bool has_no_pending(void *arg)
{
	struct eft_inet *listener = arg;

	return eft_inet_state(listener) == EFT_INET_LISTENING &&
	       __atomic_load_n(&listener->tcp.queued, __ATOMIC_ACQUIRE) == 0;
}

int eft_inet_accept(struct eft_socket *socket, uint64_t deadline_ns,
		    struct eft_socket **ret_socket)
{
	struct eft_inet *listener = eft_inet(socket), *made = NULL;
	int error = 0;

	for (;;) {
		if (has_no_pending(listener))
			error = eft_socket_wait(&listener->readers,
						has_no_pending, listener,
						deadline_ns);
		if (error != 0)
			return error;
		eft_inet_lock();
		if (listener->state != EFT_INET_LISTENING)
			error = -EINVAL;
		else
			made = next_pending(listener);
		eft_inet_unlock();
		if (error != 0 || made != NULL)
			break;
	}
	if (made != NULL)
		*ret_socket = &made->socket;
	return error;
}

void eft_inet_drop_pending(struct eft_inet *listener)
{
	struct eft_inet *made;

	while ((made = next_pending(listener)) != NULL) {
		struct tcp_pcb *pcb = made->pcb.tcp;

		eft_inet_tcp_leave(made);
		if (pcb != NULL)
			tcp_abort(pcb);
		eft_inet_tcp_purge(made);
		eft_free(made);
	}
}

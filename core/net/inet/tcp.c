// SPDX-License-Identifier: BSD-3-Clause
/*
 * TCP sockets: what lwIP tells of a connection, and how one begins and ends.
 *
 * lwIP frees a pcb after it has told so by its error callback, except in
 * TIME_WAIT. So a socket leaves its pcb as soon as both sides have sent their FIN.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/socket.h"
#include "core/net/inet/tcp_clock.h"
#include "core/time.h"
#include "core/user.h"

enum {
	LINGER_LOOKS = 1, /* slow calls of TCP's timer between looks */
	EFT_SIOCATMARK = 0x8905,
};

void eft_inet_tcp_leave(struct eft_inet *self)
{
	struct tcp_pcb *pcb = self->pcb.tcp;

	if (pcb == NULL)
		return;
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_poll(pcb, NULL, 0);
	pcb->connected = NULL;
	self->pcb.any = NULL;
	__atomic_store_n(&self->tcp.room, 0, __ATOMIC_RELAXED);
}

/*
 * Callbacks. The mutex is held.
 */

/* Nothing goes on any more, for (error), or for no error. */
static void end(struct eft_inet *self, int error)
{
	bool failed = self->state == EFT_INET_CONNECTING;

	if (error != 0)
		eft_inet_set_error(self, error);
	eft_inet_set_state(self, failed ? EFT_INET_FAILED : EFT_INET_ENDED);
	eft_inet_close_bits(self, EFT_INET_FIN | EFT_INET_NO_SEND |
					  EFT_INET_NO_RECEIVE);
}

/* Linux's (net/ipv4/tcp_input.c, tcp_reset()). */
static int reset_error(const struct eft_inet *self)
{
	if (self->state == EFT_INET_CONNECTING)
		return -ECONNREFUSED;
	return self->closed & EFT_INET_FIN ? -EPIPE : -ECONNRESET;
}

static void on_error(void *arg, err_t error)
{
	struct eft_inet *self = arg;

	if (self == NULL)
		return;
	self->pcb.any = NULL; /* lwIP frees it */
	__atomic_store_n(&self->tcp.room, 0, __ATOMIC_RELAXED);
	switch (error) {
	case ERR_CLSD:
		end(self, 0);
		break;
	case ERR_RST:
		end(self, reset_error(self));
		break;
	default:
		end(self, -ETIMEDOUT);
	}
}

static err_t on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p,
			err_t error)
{
	struct eft_inet *self = arg;

	eft_assert(self->pcb.tcp == pcb);
	if (p != NULL) {
		eft_inet_tcp_arrived(self, p);
		return ERR_OK;
	}
	if (pcb->state == TIME_WAIT || pcb->state == CLOSING) {
		eft_inet_tcp_leave(self);
		end(self, 0);
	} else {
		eft_inet_close_bits(self, EFT_INET_FIN);
	}
	return ERR_OK;
}

static void note_room(struct eft_inet *self, const struct tcp_pcb *pcb)
{
	__atomic_store_n(&self->tcp.room, pcb->snd_buf, __ATOMIC_SEQ_CST);
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
	struct eft_inet *self = arg;

	note_room(self, pcb);
	if (__atomic_load_n(&self->tcp.no_space, __ATOMIC_RELAXED) &&
	    eft_inet_tcp_may_write(self)) {
		__atomic_store_n(&self->tcp.no_space, false, __ATOMIC_RELAXED);
		eft_inet_wake(&self->writers);
	}
	return ERR_OK;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
	struct eft_inet *self = arg;

	eft_assert(self->state == EFT_INET_CONNECTING);
	eft_inet_tcp_begin_window(self);
	note_room(self, pcb);
	eft_inet_set_state(self, EFT_INET_CONNECTED);
	eft_inet_wake(&self->readers);
	eft_inet_wake(&self->writers);
	return ERR_OK;
}

/*
 * Pcbs.
 */

void eft_inet_tcp_set_limit(struct eft_inet *self)
{
	uint32_t old = self->tcp.send_limit;
	uint32_t bytes = self->socket.send_bytes / 2;

	/* Linux tunes it by itself, until the program has a say. */
	if (!(self->sizes_set & 1u << SO_SNDBUF))
		bytes = TCP_SND_BUF / 2;
	self->tcp.send_limit = eft_min(bytes, TCP_SND_BUF);
	if (self->pcb.any == NULL || self->state == EFT_INET_LISTENING)
		return;
	bytes = self->pcb.tcp->snd_buf + self->tcp.send_limit;
	self->pcb.tcp->snd_buf = bytes > old ? bytes - old : 0;
	note_room(self, self->pcb.tcp);
}

void eft_inet_tcp_apply(struct eft_inet *self)
{
	struct tcp_pcb *pcb = self->pcb.tcp;

	pcb->so_options = eft_inet_reuse(self);
	if (eft_socket_switch(&self->socket, SO_KEEPALIVE))
		pcb->so_options |= SOF_KEEPALIVE;
	pcb->ttl = self->ttl;
	pcb->tos = self->tos;
	pcb->netif_idx = self->device;
	if (self->state == EFT_INET_LISTENING)
		return; /* its pcb has no more */
	pcb->keep_idle = self->tcp.keep_idle_s * 1000u;
	pcb->keep_intvl = self->tcp.keep_interval_s * 1000u;
	pcb->keep_cnt = self->tcp.keep_count;
	if (self->tcp.no_delay)
		tcp_nagle_disable(pcb);
	else
		tcp_nagle_enable(pcb);
}

void eft_inet_tcp_adopt(struct eft_inet *self, struct tcp_pcb *pcb)
{
	eft_assert(self->pcb.any == NULL);
	self->pcb.tcp = pcb;
	tcp_arg(pcb, self);
	tcp_recv(pcb, on_receive);
	tcp_sent(pcb, on_sent);
	tcp_err(pcb, on_error);
	pcb->snd_buf = self->tcp.send_limit;
	pcb->rto = pcb->sv = EFT_INET_RTO;
	eft_inet_tcp_apply(self);
}

int eft_inet_tcp_pcb(struct eft_inet *self)
{
	struct tcp_pcb *pcb;

	if (self->pcb.any != NULL)
		return 0;
	pcb = tcp_new_ip_type(eft_inet_type(self));
	if (pcb == NULL)
		return -ENOMEM;
	pcb->local_ip = self->local;
	pcb->local_port = self->local_port;
	if (pcb->local_port != 0)
		TCP_REG(&tcp_bound_pcbs, pcb);
	eft_inet_tcp_adopt(self, pcb);
	return 0;
}

int eft_inet_tcp_create(int domain, int type, int protocol,
			struct eft_socket **ret_socket)
{
	struct eft_inet *self;

	if (protocol != 0 && protocol != IP_PROTO_TCP)
		return -EPROTONOSUPPORT;
	self = eft_inet_create(&eft_inet_tcp_ops, domain, type, IP_PROTO_TCP);
	if (self == NULL)
		return -ENOMEM;
	*ret_socket = &self->socket;
	return 0;
}

int eft_inet_tcp_bind(struct eft_socket *socket,
		      const struct eft_socket_name *name)
{
	struct eft_inet *self = eft_inet(socket);
	int error = -EINVAL;

	eft_inet_lock();
	if (self->state == EFT_INET_UNCONNECTED && !self->bound_port)
		error = eft_inet_take_name(self, name);
	if (error == 0)
		error = eft_inet_tcp_pcb(self);
	eft_inet_unlock();
	return error;
}

/*
 * Connecting.
 */

/* The name that bind() left, which a connection has made a whole one. */
static void forget_names(struct eft_inet *self)
{
	if (!self->bound_port)
		self->local_port = 0;
	if (!self->bound_address)
		self->local = (ip_addr_t){.type = eft_inet_type(self)};
	self->remote = (ip_addr_t){.type = eft_inet_type(self)};
	self->remote_port = 0;
}

/* Back to where it was before connect(). */
static void disconnect(struct eft_inet *self)
{
	struct tcp_pcb *pcb = self->pcb.tcp;

	eft_inet_tcp_leave(self);
	if (pcb != NULL)
		tcp_abort(pcb);
	eft_inet_tcp_purge(self);
	forget_names(self);
	__atomic_store_n(&self->closed, 0, __ATOMIC_SEQ_CST);
	eft_inet_set_state(self, EFT_INET_UNCONNECTED);
	self->answer_due = false;
	eft_inet_wake(&self->readers);
	eft_inet_wake(&self->writers);
}

static int take_port(struct eft_inet *self, const ip_addr_t *address,
		     uint16_t port)
{
	struct eft_inet_way way = {.to = *address};
	struct tcp_pcb *pcb = self->pcb.tcp;
	struct netif *netif;
	ip_addr_t from;
	int error;

	if (pcb->local_port != 0)
		return 0;
	error = eft_inet_route(self, &way, &netif, &from);
	if (error != 0)
		return error;
	pcb->local_port = eft_inet_free_port_to(&from, address, port);
	if (pcb->local_port == 0)
		return -EFT_EADDRNOTAVAIL;
	TCP_REG(&tcp_bound_pcbs, pcb);
	return 0;
}

/* No broadcast, no group (Linux: net/ipv4/tcp_ipv4.c, tcp_v4_connect()). */
static bool is_one_host(const struct eft_inet *self, const ip_addr_t *address)
{
	struct netif *netif = ip_route(&self->local, address);

	return !ip_addr_ismulticast(address) &&
	       (netif == NULL || !IP_IS_V4(address) ||
		!ip_addr_isbroadcast(address, netif));
}

static int start(struct eft_inet *self, const ip_addr_t *address, uint16_t port)
{
	struct tcp_pcb *pcb;
	int error = eft_inet_tcp_pcb(self);

	if (error == 0)
		error = take_port(self, address, port);
	if (error != 0)
		return error;
	pcb = self->pcb.tcp;
	if (!IP_ADDR_PCB_VERSION_MATCH(pcb, address) ||
	    !is_one_host(self, address))
		return -EFT_ENETUNREACH;
	__atomic_store_n(&self->closed, 0, __ATOMIC_SEQ_CST);
	eft_inet_set_state(self, EFT_INET_CONNECTING);
	error = eft_inet_errno(tcp_connect(pcb, address, port, on_connected));
	if (error != 0) {
		eft_inet_set_state(self, EFT_INET_UNCONNECTED);
		return error == -EFT_EADDRINUSE ? -EFT_EADDRNOTAVAIL : error;
	}
	self->local = pcb->local_ip;
	self->local_port = pcb->local_port;
	self->remote = *address;
	self->remote_port = port;
	self->answer_due = true;
	return 0;
}

/* connect() was called for the first time, or again. 0: it goes on. */
static int begin(struct eft_inet *self, const ip_addr_t *address, uint16_t port,
		 bool waits)
{
	switch (self->state) {
	case EFT_INET_UNCONNECTED:
		return start(self, address, port);
	case EFT_INET_CONNECTING:
		return waits ? 0 : -EALREADY;
	case EFT_INET_FAILED:
		return 0;
	case EFT_INET_CONNECTED:
		return self->answer_due ? 0 : -EISCONN;
	}
	return -EISCONN;
}

static bool is_connecting(void *arg)
{
	return eft_inet_state(arg) == EFT_INET_CONNECTING;
}

/* What became of it. */
static int answer(struct eft_inet *self)
{
	int error = 0;

	eft_inet_lock();
	if (self->state == EFT_INET_FAILED) {
		error = eft_inet_take_error(self);
		disconnect(self);
		error = error == 0 ? -ECONNABORTED : error;
	} else if (self->state == EFT_INET_UNCONNECTED) {
		error = -ECONNABORTED; /* another thread disconnected it */
	}
	self->answer_due = false;
	eft_inet_unlock();
	return error;
}

static int connect_to(struct eft_inet *self, ip_addr_t *address, uint16_t port,
		      uint64_t deadline_ns)
{
	bool first;
	int error = 0;

	eft_inet_no_any(address);
	if (!ip_addr_isloopback(address))
		error = eft_inet_wait_address(deadline_ns);
	if (error == -EAGAIN)
		error = 0; /* there is a route, or there is none */
	if (error != 0)
		return error;
	eft_inet_lock();
	first = self->state == EFT_INET_UNCONNECTED;
	error = begin(self, address, port, deadline_ns != 0);
	eft_inet_unlock();
	if (error != 0)
		return error;
	/* Linux does not look, though lo has the answer at once. */
	if (first && deadline_ns == 0)
		return -EFT_EINPROGRESS;
	if (is_connecting(self)) {
		error = eft_socket_wait(&self->writers, is_connecting, self,
					deadline_ns);
		if (error == -EAGAIN)
			return -EFT_EINPROGRESS;
	}
	return error == 0 ? answer(self) : error;
}

int eft_inet_tcp_connect(struct eft_socket *socket,
			 const struct eft_socket_name *name,
			 uint64_t deadline_ns)
{
	struct eft_inet *self = eft_inet(socket);
	ip_addr_t address;
	uint16_t port;
	int error;

	if (name->len < sizeof(name->family))
		return -EINVAL;
	if (name->family != AF_UNSPEC) {
		error = eft_inet_name_in(self, name, &address, &port);
		return error != 0
			       ? error
			       : connect_to(self, &address, port, deadline_ns);
	}
	eft_inet_lock();
	if (self->state != EFT_INET_LISTENING)
		disconnect(self);
	eft_inet_unlock();
	return 0;
}

/*
 * The end.
 */

static void stop_listening(struct eft_inet *self)
{
	struct tcp_pcb *pcb = self->pcb.tcp;

	eft_inet_drop_pending(self);
	tcp_arg(pcb, NULL);
	self->pcb.any = NULL;
	tcp_close(pcb);
	eft_inet_set_state(self, EFT_INET_UNCONNECTED);
	eft_inet_wake(&self->readers);
}

static int shut(struct eft_inet *self, int how)
{
	if (self->state == EFT_INET_LISTENING) {
		if (how != SHUT_WR)
			stop_listening(self);
		return 0;
	}
	if (self->state == EFT_INET_CONNECTING) {
		disconnect(self);
		return 0;
	}
	if (self->state != EFT_INET_CONNECTED)
		return -ENOTCONN;
	if (how != SHUT_RD && self->pcb.any != NULL &&
	    !(self->closed & EFT_INET_NO_SEND))
		tcp_shutdown(self->pcb.tcp, 0, 1);
	eft_inet_close_bits(self,
			    (how != SHUT_WR ? EFT_INET_NO_RECEIVE : 0) |
				    (how != SHUT_RD ? EFT_INET_NO_SEND : 0));
	return 0;
}

int eft_inet_tcp_shutdown(struct eft_socket *socket, int how)
{
	int error;

	eft_inet_lock();
	error = shut(eft_inet(socket), how);
	eft_inet_unlock();
	return error;
}

/* Bytes that the peer has not acknowledged; a FIN counts, too. */
static int unacknowledged(const struct tcp_pcb *pcb)
{
	return (int)(pcb->snd_lbb - pcb->lastack);
}

int eft_inet_tcp_queued(struct eft_socket *socket, bool sent)
{
	struct eft_inet *self = eft_inet(socket);
	int bytes = 0;

	if (eft_inet_state(self) == EFT_INET_LISTENING)
		return -EINVAL;
	if (!sent)
		return (int)__atomic_load_n(&self->tcp.unread,
					    __ATOMIC_ACQUIRE);
	eft_inet_lock();
	if (self->pcb.any != NULL && self->state == EFT_INET_CONNECTED)
		bytes = unacknowledged(self->pcb.tcp);
	eft_inet_unlock();
	return bytes;
}

static int tcp_ioctl(struct eft_socket *socket, unsigned long request,
		     void eft_user *arg)
{
	static const int nothing_urgent;

	if (request != EFT_SIOCATMARK)
		return -ENOTTY;
	if (eft_inet_state(eft_inet(socket)) == EFT_INET_LISTENING)
		return -EINVAL;
	return eft_copy_out(arg, &nothing_urgent, sizeof(nothing_urgent));
}

static err_t on_linger(void *arg, struct tcp_pcb *pcb)
{
	eft_inet_wake(&((struct eft_inet *)arg)->writers);
	return ERR_OK;
}

static bool is_lingering(void *arg)
{
	struct eft_inet *self = arg;
	bool is;

	eft_inet_lock();
	is = self->pcb.any != NULL && unacknowledged(self->pcb.tcp) > 0;
	eft_inet_unlock();
	return is;
}

/* SO_LINGER: wait until all has arrived, or for so long. */
static void linger(struct eft_inet *self)
{
	uint64_t deadline = eft_now_ns() + self->linger_s * 1000000000ull;

	eft_inet_lock();
	shut(self, SHUT_WR);
	if (self->pcb.any != NULL)
		tcp_poll(self->pcb.tcp, on_linger, LINGER_LOOKS);
	eft_inet_unlock();
	if (is_lingering(self))
		eft_socket_wait(&self->writers, is_lingering, self, deadline);
}

static void close_connection(struct eft_inet *self)
{
	struct tcp_pcb *pcb = self->pcb.tcp;
	bool reset =
		self->tcp.unread > 0 || (self->linger && self->linger_s == 0 &&
					 self->state == EFT_INET_CONNECTED);

	eft_inet_tcp_leave(self);
	if (reset) {
		tcp_abort(pcb);
		return;
	}
	/* Otherwise lwIP thinks that something was not read. */
	pcb->rcv_wnd = TCP_WND_MAX(pcb);
	tcp_close(pcb);
}

void eft_inet_tcp_release(struct eft_socket *socket)
{
	struct eft_inet *self = eft_inet(socket);

	if (self->linger && self->linger_s > 0 && self->tcp.unread == 0 &&
	    self->state == EFT_INET_CONNECTED)
		linger(self);
	eft_inet_lock();
	if (self->state == EFT_INET_LISTENING)
		stop_listening(self);
	else if (self->pcb.any != NULL)
		close_connection(self);
	eft_inet_tcp_purge(self);
	eft_inet_unlock();
	eft_free(self);
}

const struct eft_socket_ops eft_inet_tcp_ops = {
	.bind = eft_inet_tcp_bind,
	.connect = eft_inet_tcp_connect,
	.listen = eft_inet_listen,
	.accept = eft_inet_accept,
	.name = eft_inet_name,
	.shutdown = eft_inet_tcp_shutdown,
	.send = eft_inet_tcp_send,
	.receive = eft_inet_tcp_receive,
	.poll = eft_inet_tcp_poll,
	.queued = eft_inet_tcp_queued,
	.listens = eft_inet_listens,
	.take_error = eft_inet_take_socket_error,
	.get_option = eft_inet_get_option,
	.set_option = eft_inet_set_option,
	.ioctl = tcp_ioctl,
	.release = eft_inet_tcp_release,
};

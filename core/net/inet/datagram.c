// SPDX-License-Identifier: BSD-3-Clause
/*
 * What UDP and raw sockets receive: a queue of datagrams, each a block of the
 * heap, which is copied when it arrives. Who reads takes no more than the
 * socket's own lock.
 */
#define EFT_LOCK_CALLS
#include <lwip/prot/ip4.h>
#include <lwip/prot/ip6.h>

#include "core/fd/iov.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/socket.h"
#include "core/time.h"

enum {
	CHARGE = 512,	/* of SO_RCVBUF, for a datagram's bookkeeping */
	IP_PKTINFO = 8, /* Linux: include/uapi/linux/in.h, in6.h */
	IP_TTL = 2,
	IP_TOS = 1,
	IPV6_PKTINFO = 50,
	IPV6_HOPLIMIT = 52,
	IPV6_TCLASS = 67,
	IPPROTO_IP = 0,
	IPPROTO_IPV6 = 41,
	WRITABLE = POLLOUT | POLLWRNORM,
	READABLE = POLLIN | POLLRDNORM,
	NS_PER_SECOND = 1000000000,
};

struct eft_inet_datagram {
	struct eft_list link;
	ip_addr_t from, to;
	uint16_t from_port;
	uint8_t interface, ttl, tos;
	uint64_t when_ns; /* by the wall clock, if somebody asked; or 0 */
	uint32_t len;
	char data[];
};

static void note_header(struct eft_inet_datagram *made)
{
	if (ip_current_is_v6()) {
		made->ttl = IP6H_HOPLIM(ip6_current_header());
		made->tos = (uint8_t)IP6H_TC(ip6_current_header());
	} else {
		made->ttl = IPH_TTL(ip4_current_header());
		made->tos = IPH_TOS(ip4_current_header());
	}
	made->from = *ip_current_src_addr();
	made->to = *ip_current_dest_addr();
	made->interface = netif_get_index(ip_current_input_netif());
}

static bool wants_time(const struct eft_inet *self)
{
	return eft_socket_switch(&self->socket, SO_TIMESTAMP) ||
	       eft_socket_switch(&self->socket, SO_TIMESTAMPNS);
}

/* With IP_MULTICAST_ALL off, only its own groups are. */
static bool is_wanted(struct eft_inet *self)
{
	return self->multicast_all ||
	       !ip_addr_ismulticast(ip_current_dest_addr()) ||
	       eft_inet_is_member(self, ip_current_dest_addr(),
				  netif_get_index(ip_current_input_netif()));
}

void eft_inet_datagram_arrived(struct eft_inet *self, const struct pbuf *p,
			       uint16_t from_port)
{
	uint32_t charge = p->tot_len + CHARGE;
	struct eft_inet_datagram *made;

	if (!is_wanted(self))
		return;
	if (self->datagram.queued_bytes + charge > self->socket.receive_bytes &&
	    self->datagram.queued > 0)
		return;
	made = eft_alloc(sizeof(*made) + p->tot_len);
	if (made == NULL)
		return;
	made->when_ns = 0;
	made->len = p->tot_len;
	made->from_port = from_port;
	pbuf_copy_partial(p, made->data, p->tot_len, 0);
	note_header(made);
	if (wants_time(self))
		made->when_ns = eft_realtime_ns();
	eft_lock(&self->datagram.lock);
	eft_list_insert(&self->datagram.queue, &made->link);
	self->datagram.queued++;
	self->datagram.queued_bytes += charge;
	eft_unlock(&self->datagram.lock);
	eft_inet_wake(&self->readers);
}

/* The first one, for the caller; NULL: none. */
static struct eft_inet_datagram *take(struct eft_inet *self)
{
	struct eft_inet_datagram *first = NULL;

	eft_lock(&self->datagram.lock);
	if (!eft_list_empty(&self->datagram.queue)) {
		first = eft_container_of(self->datagram.queue.next,
					 struct eft_inet_datagram, link);
		eft_list_remove(&first->link);
		self->datagram.queued--;
		self->datagram.queued_bytes -= first->len + CHARGE;
	}
	eft_unlock(&self->datagram.lock);
	return first;
}

/* It was looked at only. */
static void put_back(struct eft_inet *self, struct eft_inet_datagram *first)
{
	eft_lock(&self->datagram.lock);
	eft_list_insert(self->datagram.queue.next, &first->link);
	self->datagram.queued++;
	self->datagram.queued_bytes += first->len + CHARGE;
	eft_unlock(&self->datagram.lock);
}

static void put_int(struct eft_message *message, int level, int type,
		    int number)
{
	eft_control_put(message, level, type, &number, sizeof(number));
}

static void control4(uint32_t wants, const struct eft_inet_datagram *got,
		     struct eft_message *message)
{
	/* struct in_pktinfo */
	uint32_t info[3] = {got->interface, ip_addr_get_ip4_u32(&got->to),
			    ip_addr_get_ip4_u32(&got->to)};

	if (wants & EFT_INET_WANTS_INFO)
		eft_control_put(message, IPPROTO_IP, IP_PKTINFO, info,
				sizeof(info));
	if (wants & EFT_INET_WANTS_TTL)
		put_int(message, IPPROTO_IP, IP_TTL, got->ttl);
	if (wants & EFT_INET_WANTS_TOS)
		eft_control_put(message, IPPROTO_IP, IP_TOS, &got->tos, 1);
}

static void control6(uint32_t wants, const struct eft_inet_datagram *got,
		     struct eft_message *message)
{
	struct {
		uint32_t address[4], interface;
	} info = {.interface = got->interface}; /* struct in6_pktinfo */

	if (IP_IS_V6(&got->to)) {
		memcpy(info.address, ip_2_ip6(&got->to)->addr, 16);
	} else {
		info.address[2] = PP_HTONL(0xffff);
		info.address[3] = ip_addr_get_ip4_u32(&got->to);
	}
	if (wants & EFT_INET_WANTS_INFO6)
		eft_control_put(message, IPPROTO_IPV6, IPV6_PKTINFO, &info,
				sizeof(info));
	if (wants & EFT_INET_WANTS_HOPS)
		put_int(message, IPPROTO_IPV6, IPV6_HOPLIMIT, got->ttl);
	if (wants & EFT_INET_WANTS_CLASS)
		put_int(message, IPPROTO_IPV6, IPV6_TCLASS, got->tos);
}

/* What was there before it was asked for came now, to Linux, too. */
static void control_time(const struct eft_inet *self,
			 const struct eft_inet_datagram *got,
			 struct eft_message *message)
{
	uint64_t ns = got->when_ns != 0 ? got->when_ns : eft_realtime_ns();
	struct eft_timespec when = {ns / NS_PER_SECOND, ns % NS_PER_SECOND};

	eft_socket_stamp(&self->socket, message, &when);
}

static ssize_t give(struct eft_inet *self, const struct eft_inet_datagram *got,
		    struct eft_message *message)
{
	size_t len = eft_iov_total(message->iov, message->count);
	struct eft_cursor to = {.iov = message->iov};
	size_t n = eft_min(len, got->len);

	if (n > 0 && eft_cursor_put(&to, got->data, n) != 0)
		return -EFAULT;
	if (n < got->len)
		message->ret_flags |= MSG_TRUNC;
	if (message->name != NULL)
		eft_inet_name_out(self, &got->from, got->from_port,
				  message->name);
	if (message->control != NULL && wants_time(self))
		control_time(self, got, message);
	if (message->control != NULL && self->wants != 0) {
		control4(self->wants, got, message);
		control6(self->wants, got, message);
	}
	return message->flags & MSG_TRUNC ? got->len : (ssize_t)n;
}

static bool nothing_to_read(void *arg)
{
	struct eft_inet *self = arg;

	return __atomic_load_n(&self->datagram.queued, __ATOMIC_ACQUIRE) == 0 &&
	       !(eft_inet_closed(self) & EFT_INET_NO_RECEIVE) &&
	       __atomic_load_n(&self->error, __ATOMIC_RELAXED) == 0;
}

ssize_t eft_inet_datagram_receive(struct eft_socket *socket,
				  struct eft_message *message)
{
	struct eft_inet *self = eft_inet(socket);
	struct eft_inet_datagram *got;
	ssize_t n = 0;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (message->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	while ((got = take(self)) == NULL) {
		n = eft_inet_take_error(self);
		if (n == 0 && eft_inet_closed(self) & EFT_INET_NO_RECEIVE) {
			message->ret_ended = true;
			return 0;
		}
		if (n == 0)
			n = eft_socket_wait(&self->readers, nothing_to_read,
					    self, message->deadline_ns);
		if (n != 0)
			return n;
	}
	n = give(self, got, message);
	if (message->flags & MSG_PEEK)
		put_back(self, got);
	else
		eft_free(got);
	return n;
}

unsigned eft_inet_datagram_poll(struct eft_socket *socket, unsigned events,
				struct eft_poll *poll)
{
	struct eft_inet *self = eft_inet(socket);
	unsigned closed, found = events & WRITABLE;
	bool both;

	if (poll->entries != NULL)
		eft_poll_add(poll, &self->readers);
	closed = eft_inet_closed(self);
	both = closed & EFT_INET_NO_RECEIVE && closed & EFT_INET_NO_SEND;
	if (__atomic_load_n(&self->datagram.queued, __ATOMIC_SEQ_CST) > 0)
		found |= READABLE;
	if (closed & EFT_INET_NO_RECEIVE)
		found |= READABLE | POLLRDHUP;
	if (both)
		found |= POLLHUP;
	if (__atomic_load_n(&self->error, __ATOMIC_SEQ_CST) != 0)
		found |= POLLERR;
	return found & events;
}

int eft_inet_datagram_queued(struct eft_socket *socket, bool sent)
{
	struct eft_inet *self = eft_inet(socket);
	int bytes = 0;

	if (sent)
		return 0; /* what is sent is the device's */
	eft_lock(&self->datagram.lock);
	if (!eft_list_empty(&self->datagram.queue))
		bytes = (int)eft_container_of(self->datagram.queue.next,
					      struct eft_inet_datagram, link)
				->len;
	eft_unlock(&self->datagram.lock);
	return bytes;
}

int eft_inet_datagram_shutdown(struct eft_socket *socket, int how)
{
	struct eft_inet *self = eft_inet(socket);

	if (eft_inet_state(self) != EFT_INET_CONNECTED)
		return -ENOTCONN;
	eft_inet_close_bits(self,
			    (how != SHUT_WR ? EFT_INET_NO_RECEIVE : 0) |
				    (how != SHUT_RD ? EFT_INET_NO_SEND : 0));
	return 0;
}

int eft_inet_datagram_listen(struct eft_socket *socket, int backlog)
{
	return -EOPNOTSUPP;
}

int eft_inet_datagram_accept(struct eft_socket *socket, uint64_t deadline_ns,
			     struct eft_socket **ret_socket)
{
	return -EOPNOTSUPP;
}

bool eft_inet_datagram_listens(struct eft_socket *socket)
{
	return false;
}

void eft_inet_datagram_purge(struct eft_inet *self)
{
	struct eft_inet_datagram *got;

	while ((got = take(self)) != NULL)
		eft_free(got);
}

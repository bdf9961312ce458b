// SPDX-License-Identifier: BSD-3-Clause
/*
 * poll() of TCP sockets (Linux: net/ipv4/tcp.c, tcp_poll()).
 */
#include "core/net/inet/socket.h"

enum {
	READABLE = POLLIN | POLLRDNORM,
	WRITABLE = POLLOUT | POLLWRNORM,
};

static bool may_write(struct eft_inet *self)
{
	if (eft_inet_tcp_may_write(self))
		return true;
	/* Now whoever makes room tells; and it may be there since. */
	__atomic_store_n(&self->tcp.no_space, true, __ATOMIC_SEQ_CST);
	return eft_inet_tcp_may_write(self);
}

static unsigned transfers(struct eft_inet *self, unsigned events,
			  unsigned closed)
{
	uint32_t unread = __atomic_load_n(&self->tcp.unread, __ATOMIC_SEQ_CST);
	unsigned found = 0;

	if (unread > 0 && unread >= __atomic_load_n(&self->socket.low_water,
						    __ATOMIC_RELAXED))
		found |= READABLE;
	if (closed & EFT_INET_NO_SEND)
		found |= WRITABLE;
	else if ((events & WRITABLE) && may_write(self))
		found |= WRITABLE;
	return found;
}

static unsigned state_of(struct eft_inet *self, unsigned events)
{
	uint32_t state = eft_inet_state(self);
	unsigned closed = eft_inet_closed(self), found = 0;
	bool no_more = closed & (EFT_INET_FIN | EFT_INET_NO_RECEIVE);

	if (state == EFT_INET_LISTENING)
		return __atomic_load_n(&self->tcp.queued, __ATOMIC_SEQ_CST) > 0
			       ? READABLE
			       : 0;
	if ((no_more && closed & EFT_INET_NO_SEND) ||
	    state == EFT_INET_UNCONNECTED || state == EFT_INET_FAILED ||
	    state == EFT_INET_ENDED)
		found |= POLLHUP;
	if (no_more)
		found |= READABLE | POLLRDHUP;
	if (state != EFT_INET_CONNECTING)
		found |= transfers(self, events, closed);
	if (__atomic_load_n(&self->error, __ATOMIC_SEQ_CST) != 0)
		found |= POLLERR;
	return found;
}

unsigned eft_inet_tcp_poll(struct eft_socket *socket, unsigned events,
			   struct eft_poll *poll)
{
	struct eft_inet *self = eft_inet(socket);

	if (poll->entries != NULL) {
		eft_poll_add(poll, &self->readers);
		eft_poll_add(poll, &self->writers);
	}
	return state_of(self, events) & events;
}

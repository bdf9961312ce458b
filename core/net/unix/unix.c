// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX: making and ending sockets, and what all types of them share.
 */
#define EFT_LOCK_CALLS
#include "core/net/unix/unix.h"
#include "core/log.h"
#include "core/mem.h"

struct eft_unix *eft_unix_get(struct eft_unix *self)
{
	uint32_t before =
		__atomic_fetch_add(&self->references, 1, __ATOMIC_RELAXED);

	eft_assert(before > 0);
	return self;
}

void eft_unix_put(struct eft_unix *self)
{
	uint32_t before;

	if (self == NULL)
		return;
	before = __atomic_fetch_sub(&self->references, 1, __ATOMIC_ACQ_REL);
	eft_assert(before > 0);
	if (before > 1)
		return;
	eft_unix_name_put(self->name);
	eft_free(self);
}

static const struct eft_socket_ops *ops_of(int type)
{
	switch (type) {
	case SOCK_STREAM:
		return &eft_unix_stream_ops;
	case SOCK_SEQPACKET:
		return &eft_unix_seqpacket_ops;
	}
	return &eft_unix_dgram_ops;
}

struct eft_unix *eft_unix_create(int type)
{
	struct eft_unix *self = eft_alloc(sizeof(*self));

	if (self == NULL)
		return NULL;
	eft_socket_init(&self->socket, ops_of(type), AF_UNIX, type, 0);
	self->references = 1;
	eft_lock_init(&self->lock, EFT_RANK_SOCKET);
	eft_list_init(&self->queue);
	eft_list_init(&self->refused);
	eft_list_init(&self->refused_link);
	eft_list_init(&self->accept_link);
	self->accepted = true;
	eft_waitq_init(&self->readers);
	eft_waitq_init(&self->writers);
	eft_waitq_init(&self->senders);
	eft_mutex_init(&self->reading, EFT_RANK_READING);
	eft_mutex_init(&self->writing, EFT_RANK_WRITING);
	eft_list_init(&self->stream.rights);
	return self;
}

static int check_kind(int *type, int protocol)
{
	if (protocol != 0 && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (*type == SOCK_RAW)
		*type = SOCK_DGRAM; /* as Linux has it */
	if (*type != SOCK_STREAM && *type != SOCK_DGRAM &&
	    *type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	return 0;
}

static int unix_create(int type, int protocol, struct eft_socket **ret_socket)
{
	int error = check_kind(&type, protocol);
	struct eft_unix *self;

	if (error != 0)
		return error;
	self = eft_unix_create(type);
	if (self == NULL)
		return -ENOMEM;
	*ret_socket = &self->socket;
	return 0;
}

void eft_unix_join(struct eft_unix *a, struct eft_unix *b)
{
	eft_assert(a->peer == NULL && b->peer == NULL);
	a->peer = eft_unix_get(b);
	b->peer = eft_unix_get(a);
	if (a->socket.type != SOCK_DGRAM)
		a->state = b->state = EFT_UNIX_CONNECTED;
}

static int unix_pair(int type, int protocol, struct eft_socket *ret_pair[2])
{
	int error = check_kind(&type, protocol);
	struct eft_unix *a, *b;

	if (error != 0)
		return error;
	a = eft_unix_create(type);
	b = eft_unix_create(type);
	if (a == NULL || b == NULL) {
		eft_unix_put(a);
		eft_unix_put(b);
		return -ENOMEM;
	}
	eft_unix_join(a, b);
	ret_pair[0] = &a->socket;
	ret_pair[1] = &b->socket;
	return 0;
}

const struct eft_socket_family eft_unix_family = {
	.domain = AF_UNIX,
	.create = unix_create,
	.pair = unix_pair,
};

struct eft_unix *eft_unix_peer(struct eft_unix *self)
{
	struct eft_unix *peer;

	eft_lock(&self->lock);
	peer = self->peer != NULL ? eft_unix_get(self->peer) : NULL;
	eft_unlock(&self->lock);
	return peer;
}

void eft_unix_close(struct eft_unix *self, unsigned bits)
{
	__atomic_fetch_or(&self->closed, bits, __ATOMIC_SEQ_CST);
	eft_waitq_wake(&self->readers, EFT_WAKE_ALL);
	eft_waitq_wake(&self->writers, EFT_WAKE_ALL);
	eft_waitq_wake(&self->senders, EFT_WAKE_ALL);
}

void eft_unix_set_error(struct eft_unix *self, int error)
{
	__atomic_store_n(&self->error, error, __ATOMIC_SEQ_CST);
}

int eft_unix_take_error(struct eft_unix *self)
{
	if (eft_likely(__atomic_load_n(&self->error, __ATOMIC_RELAXED) == 0))
		return 0;
	return __atomic_exchange_n(&self->error, 0, __ATOMIC_SEQ_CST);
}

static int unix_shutdown(struct eft_socket *socket, int how)
{
	struct eft_unix *self = eft_unix(socket), *peer;
	unsigned bits = how == SHUT_RD ? EFT_UNIX_NO_RECEIVE
			: how == SHUT_WR
				? EFT_UNIX_NO_SEND
				: EFT_UNIX_NO_RECEIVE | EFT_UNIX_NO_SEND;
	unsigned peers = 0;

	if (socket->type != SOCK_DGRAM) {
		peers |= bits & EFT_UNIX_NO_RECEIVE ? EFT_UNIX_NO_SEND : 0;
		peers |= bits & EFT_UNIX_NO_SEND ? EFT_UNIX_NO_RECEIVE : 0;
	}
	eft_unix_close(self, bits);
	peer = eft_unix_peer(self);
	if (peer != NULL && peers != 0)
		eft_unix_close(peer, peers);
	eft_unix_put(peer);
	return 0;
}

static int unix_name(struct eft_socket *socket, bool peer,
		     struct eft_socket_name *ret_name)
{
	struct eft_unix *self = eft_unix(socket), *named;
	struct eft_unix_name *name;

	named = peer ? eft_unix_peer(self) : eft_unix_get(self);
	if (named == NULL)
		return -ENOTCONN;
	name = eft_unix_name_of(named);
	if (name != NULL) {
		memcpy(ret_name, &name->name, sizeof(*ret_name));
	} else {
		ret_name->len = sizeof(ret_name->family);
		ret_name->family = AF_UNIX;
	}
	eft_unix_name_put(name);
	eft_unix_put(named);
	return 0;
}

static uint64_t unread(struct eft_unix *self, bool all)
{
	if (self->socket.type == SOCK_STREAM)
		return eft_unix_stream_unread(self);
	return eft_unix_message_unread(self, all);
}

static uint64_t sent_unread(struct eft_unix *self)
{
	struct eft_unix *peer;
	uint64_t bytes;

	if (self->socket.type != SOCK_STREAM)
		return __atomic_load_n(&self->unread, __ATOMIC_RELAXED);
	peer = eft_unix_peer(self);
	if (peer == NULL)
		return 0;
	bytes = eft_unix_closed(peer) & EFT_UNIX_DEAD
			? 0
			: eft_unix_stream_unread(peer);
	eft_unix_put(peer);
	return bytes;
}

static int unix_queued(struct eft_socket *socket, bool sent)
{
	struct eft_unix *self = eft_unix(socket);

	if (sent)
		return (int)sent_unread(self);
	if (eft_unix_state(self) == EFT_UNIX_LISTENING)
		return -EINVAL;
	return (int)unread(self, socket->type != SOCK_DGRAM);
}

static bool unix_listens(struct eft_socket *socket)
{
	return eft_unix_state(eft_unix(socket)) == EFT_UNIX_LISTENING;
}

static int unix_take_error(struct eft_socket *socket)
{
	return eft_unix_take_error(eft_unix(socket));
}

enum { WRITABLE = POLLOUT | POLLWRNORM | POLLWRBAND };

static bool has_input(struct eft_unix *self)
{
	bool has;

	if (self->socket.type == SOCK_STREAM &&
	    eft_unix_state(self) != EFT_UNIX_LISTENING)
		return eft_unix_stream_unread(self) > 0;
	eft_lock(&self->lock);
	has = !eft_list_empty(&self->queue);
	eft_unlock(&self->lock);
	return has;
}

static bool may_write(struct eft_unix *self)
{
	if (eft_unix_state(self) == EFT_UNIX_LISTENING ||
	    !eft_unix_is_quarter(self, sent_unread(self)))
		return false;
	return self->socket.type != SOCK_DGRAM ||
	       !eft_unix_message_refused(self);
}

/* Linux: net/unix/af_unix.c, unix_poll() and unix_dgram_poll(). */
static unsigned state_of(struct eft_unix *self, unsigned events)
{
	const unsigned both = EFT_UNIX_NO_RECEIVE | EFT_UNIX_NO_SEND;
	unsigned closed = eft_unix_closed(self), found = 0;
	uint32_t state = eft_unix_state(self);

	if (__atomic_load_n(&self->error, __ATOMIC_RELAXED) != 0)
		found |= POLLERR;
	if ((closed & both) == both)
		found |= POLLHUP;
	if (closed & EFT_UNIX_NO_RECEIVE)
		found |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (has_input(self))
		found |= POLLIN | POLLRDNORM;
	if (self->socket.type != SOCK_DGRAM &&
	    (state == EFT_UNIX_UNCONNECTED || state == EFT_UNIX_CONNECTING))
		found |= POLLHUP;
	if ((events & WRITABLE) && may_write(self))
		found |= WRITABLE;
	return found & events;
}

static unsigned unix_poll(struct eft_socket *socket, unsigned events,
			  struct eft_poll *poll)
{
	struct eft_unix *self = eft_unix(socket);

	if (poll->entries != NULL) {
		eft_poll_add(poll, &self->readers);
		if (events & WRITABLE)
			eft_poll_add(poll, &self->writers);
	}
	return state_of(self, events);
}

/* The peer of a connection learns that it is over. */
static void leave_peer(struct eft_unix *self, struct eft_unix *peer)
{
	if (peer == NULL || self->socket.type == SOCK_DGRAM)
		return;
	if (has_input(self) || !self->accepted)
		eft_unix_set_error(peer, -ECONNRESET);
	eft_unix_close(peer, EFT_UNIX_NO_RECEIVE | EFT_UNIX_NO_SEND);
}

static void unix_release(struct eft_socket *socket)
{
	struct eft_unix *self = eft_unix(socket), *peer;

	eft_unix_unbind(self);
	eft_unix_close(self,
		       EFT_UNIX_NO_RECEIVE | EFT_UNIX_NO_SEND | EFT_UNIX_DEAD);
	eft_unix_message_forget_refusal(self);
	eft_lock(&self->lock);
	peer = self->peer;
	self->peer = NULL;
	eft_unlock(&self->lock);
	if (eft_unix_state(self) == EFT_UNIX_LISTENING) {
		eft_unix_drop_pending(self);
	} else {
		leave_peer(self, peer);
		eft_unix_message_purge(self);
		eft_unix_stream_purge(self, peer);
	}
	eft_unix_put(peer);
	eft_unix_put(self);
}

#define SHARED_OPS                                                           \
	.bind = eft_unix_bind, .name = unix_name, .shutdown = unix_shutdown, \
	.poll = unix_poll, .queued = unix_queued, .listens = unix_listens,   \
	.take_error = unix_take_error, .release = unix_release

const struct eft_socket_ops eft_unix_stream_ops = {
	SHARED_OPS,
	.connect = eft_unix_connect,
	.listen = eft_unix_listen,
	.accept = eft_unix_accept,
	.send = eft_unix_stream_send,
	.receive = eft_unix_stream_receive,
};

const struct eft_socket_ops eft_unix_seqpacket_ops = {
	SHARED_OPS,
	.connect = eft_unix_connect,
	.listen = eft_unix_listen,
	.accept = eft_unix_accept,
	.send = eft_unix_message_send,
	.receive = eft_unix_message_receive,
};

const struct eft_socket_ops eft_unix_dgram_ops = {
	SHARED_OPS,
	.connect = eft_unix_connect_dgram,
	.listen = eft_unix_listen,
	.accept = eft_unix_accept,
	.send = eft_unix_message_send,
	.receive = eft_unix_message_receive,
};

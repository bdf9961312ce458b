// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX messages: SOCK_DGRAM and SOCK_SEQPACKET.
 *
 * A message is a block of the heap, in a list with the socket that it was sent
 * to. What a sender has in such lists is limited by SO_SNDBUF; how many
 * messages wait in one is limited too, except for those of its own peer.
 */
#define EFT_LOCK_CALLS
#include "core/fd/iov.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/net/unix/unix.h"

enum {
	QUEUE_MAX = 10,	 /* net.unix.max_dgram_qlen; one more fits */
	LEN_MARGIN = 32, /* of SO_SNDBUF (net/unix/af_unix.c) */
};

static void destroy(struct eft_unix_message *message)
{
	eft_unix_put(message->sender);
	eft_free(message);
}

static int create(struct eft_unix *sender, const struct eft_message *message,
		  size_t len, struct eft_unix_message **ret_made)
{
	struct eft_unix_message *made = eft_alloc(sizeof(*made) + len);
	struct eft_cursor from = {.iov = message->iov};

	if (made == NULL)
		return -ENOBUFS;
	if (eft_cursor_take(&from, made->data, len) != 0) {
		eft_free(made);
		return -EFAULT;
	}
	made->sender = eft_unix_get(sender);
	made->len = len;
	made->charge = sizeof(*made) + len;
	*ret_made = made;
	return 0;
}

/* The sender has as much on the way as it may. */
static bool is_over_limit(void *arg)
{
	struct eft_unix *self = arg;

	return __atomic_load_n(&self->unread, __ATOMIC_RELAXED) >=
		       __atomic_load_n(&self->socket.send_bytes,
				       __ATOMIC_RELAXED) &&
	       !(eft_unix_closed(self) & EFT_UNIX_NO_SEND);
}

/* (message) was read, or never will be. */
static void settle(struct eft_unix_message *message)
{
	struct eft_unix *sender = message->sender;
	uint32_t left = __atomic_sub_fetch(
		&sender->unread, (uint32_t)message->charge, __ATOMIC_SEQ_CST);

	if (eft_unix_is_quarter(sender, left))
		eft_waitq_wake(&sender->writers, EFT_WAKE_ALL);
}

static bool is_full_for_locked(const struct eft_unix *to,
			       const struct eft_unix *sender)
{
	return to != sender && to->peer != sender && to->queued > QUEUE_MAX;
}

struct delivery {
	struct eft_unix *to, *sender;
};

static bool is_full(void *arg)
{
	struct delivery *delivery = arg;
	struct eft_unix *to = delivery->to;
	bool full;

	eft_lock(&to->lock);
	full = is_full_for_locked(to, delivery->sender) &&
	       !(eft_unix_closed(to) & EFT_UNIX_NO_RECEIVE);
	eft_unlock(&to->lock);
	return full;
}

static int put_message_locked(struct eft_unix *to,
			      struct eft_unix_message *message)
{
	struct eft_unix *sender = message->sender;

	if (eft_unix_closed(to) & EFT_UNIX_DEAD)
		return to->socket.type == SOCK_DGRAM ? -ECONNREFUSED : -EPIPE;
	if (to->peer != NULL && to->peer != sender)
		return -EPERM;
	if (eft_unix_closed(to) & EFT_UNIX_NO_RECEIVE)
		return -EPIPE;
	if (to->socket.type == SOCK_DGRAM && is_full_for_locked(to, sender))
		return -EAGAIN;
	eft_list_insert(&to->queue, &message->link);
	to->queued++;
	__atomic_fetch_add(&sender->unread, (uint32_t)message->charge,
			   __ATOMIC_SEQ_CST);
	return 0;
}

static int put_message(struct eft_unix *to, struct eft_unix_message *message,
		       uint64_t deadline_ns)
{
	struct delivery delivery = {to, message->sender};
	int error;

	do {
		eft_lock(&to->lock);
		error = put_message_locked(to, message);
		eft_unlock(&to->lock);
		if (error != -EAGAIN)
			break;
		error = eft_socket_wait(&to->senders, is_full, &delivery,
					deadline_ns);
	} while (error == 0);
	if (error == 0)
		eft_waitq_wake(&to->readers, EFT_WAKE_ALL);
	return error;
}

/*
 * A datagram socket's peer is gone: it has none any more, and what came from
 * it is lost.
 */
static void disconnect(struct eft_unix *self, struct eft_unix *peer)
{
	bool was;

	eft_lock(&self->lock);
	was = self->peer == peer;
	if (was)
		self->peer = NULL;
	eft_unlock(&self->lock);
	if (was) {
		eft_unix_message_purge(self);
		eft_unix_put(peer);
	}
}

static int wait_for_limit(struct eft_unix *self, uint64_t deadline_ns)
{
	int error = 0;

	while (error == 0 && is_over_limit(self))
		error = eft_socket_wait(&self->writers, is_over_limit, self,
					deadline_ns);
	if (error == 0 && (eft_unix_closed(self) & EFT_UNIX_NO_SEND))
		error = -EPIPE;
	return error;
}

static ssize_t send_to(struct eft_unix *self, struct eft_unix *to,
		       struct eft_message *message, size_t len)
{
	struct eft_unix_message *made;
	int error = wait_for_limit(self, message->deadline_ns);

	if (error == 0)
		error = create(self, message, len, &made);
	if (error != 0)
		return error;
	if (message->rights != NULL)
		error = eft_rights_depart(message->rights);
	if (error != 0)
		goto out_destroy;
	made->rights = message->rights;
	error = put_message(to, made, message->deadline_ns);
	if (error == 0) {
		message->rights = NULL;
		return (ssize_t)len;
	}
	if (message->rights != NULL)
		eft_rights_arrive(message->rights);
	if (error == -ECONNREFUSED && message->name == NULL)
		disconnect(self, to);
out_destroy:
	destroy(made);
	return error;
}

/* Where (message) goes, counted. */
static int find_receiver(struct eft_unix *self, struct eft_message *message,
			 struct eft_unix **ret_to)
{
	int type = self->socket.type;

	if (type == SOCK_DGRAM && message->name != NULL)
		return eft_unix_find(message->name, type, ret_to);
	*ret_to = eft_unix_peer(self);
	return *ret_to != NULL ? 0 : -ENOTCONN;
}

/* What is wrong wherever it goes, in Linux's order (6.14). */
static int check_sending(struct eft_unix *self, struct eft_message *message,
			 size_t len)
{
	size_t limit =
		__atomic_load_n(&self->socket.send_bytes, __ATOMIC_RELAXED);
	int error = 0;

	if (self->socket.type == SOCK_SEQPACKET) {
		error = eft_unix_take_error(self);
		if (error == 0 && eft_unix_state(self) != EFT_UNIX_CONNECTED)
			error = -ENOTCONN;
	} else if (message->name != NULL) {
		error = eft_unix_check_name(message->name);
	}
	if (error == 0 && eft_socket_switch(&self->socket, SO_PASSCRED))
		error = eft_unix_autobind(self);
	if (error == 0 && len > limit - LEN_MARGIN)
		error = -EMSGSIZE;
	if (error == 0)
		error = eft_unix_take_error(self);
	if (error == 0 && eft_unix_closed(self) & EFT_UNIX_NO_SEND)
		error = -EPIPE;
	return error;
}

ssize_t eft_unix_message_send(struct eft_socket *socket,
			      struct eft_message *message)
{
	size_t len = eft_iov_total(message->iov, message->count);
	struct eft_unix *self = eft_unix(socket), *to;
	ssize_t n;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	n = check_sending(self, message, len);
	if (n == 0)
		n = find_receiver(self, message, &to);
	if (n != 0)
		return n;
	n = send_to(self, to, message, len);
	eft_unix_put(to);
	return n;
}

/*
 * Pollers of other sockets that found (self) full.
 */

bool eft_unix_message_refused(struct eft_unix *self)
{
	struct eft_unix *peer = eft_unix_peer(self);
	bool refused = false;

	if (peer == NULL)
		return false;
	if (__atomic_load_n(&peer->queued, __ATOMIC_RELAXED) > QUEUE_MAX) {
		eft_mutex_lock(&self->writing);
		if (self->refused_by != peer) {
			eft_unix_message_forget_refusal(self);
			self->refused_by = eft_unix_get(peer);
		}
		eft_lock(&peer->lock);
		refused = is_full_for_locked(peer, self) &&
			  !(eft_unix_closed(peer) & EFT_UNIX_DEAD);
		if (refused && eft_list_empty(&self->refused_link))
			eft_list_insert(&peer->refused, &self->refused_link);
		eft_unlock(&peer->lock);
		eft_mutex_unlock(&self->writing);
	}
	eft_unix_put(peer);
	return refused;
}

void eft_unix_message_forget_refusal(struct eft_unix *self)
{
	struct eft_unix *by = self->refused_by;

	if (by == NULL)
		return;
	eft_lock(&by->lock);
	eft_list_remove(&self->refused_link);
	eft_unlock(&by->lock);
	self->refused_by = NULL;
	eft_unix_put(by);
}

static void wake_refused_locked(struct eft_unix *self)
{
	while (!eft_list_empty(&self->refused)) {
		struct eft_unix *other = eft_container_of(
			self->refused.next, struct eft_unix, refused_link);

		eft_list_remove(&other->refused_link);
		eft_waitq_wake(&other->writers, EFT_WAKE_ALL);
	}
}

/*
 * Receiving.
 */

/* The first message; it stays where it is unless (take). NULL: none. */
static struct eft_unix_message *first_message(struct eft_unix *self, bool take)
{
	struct eft_unix_message *message = NULL;

	eft_lock(&self->lock);
	if (!eft_list_empty(&self->queue)) {
		message = eft_container_of(self->queue.next,
					   struct eft_unix_message, link);
		if (take) {
			eft_list_remove(&message->link);
			self->queued--;
			wake_refused_locked(self);
		}
	}
	eft_unlock(&self->lock);
	if (message != NULL && take) {
		settle(message);
		eft_waitq_wake(&self->senders, EFT_WAKE_ALL);
	}
	return message;
}

/* The sender's name is the one that it has now. */
static void tell_name(struct eft_unix *sender, struct eft_socket_name *to)
{
	struct eft_unix_name *name = eft_unix_name_of(sender);

	if (name != NULL)
		memcpy(to, &name->name, sizeof(*to));
	eft_unix_name_put(name);
}

static ssize_t copy_out(struct eft_message *to,
			const struct eft_unix_message *message)
{
	size_t room = eft_iov_total(to->iov, to->count);
	size_t len = eft_min(room, message->len);
	struct eft_cursor cursor = {.iov = to->iov};

	if (eft_cursor_put(&cursor, message->data, len) != 0)
		return -EFAULT;
	if (message->len > room)
		to->ret_flags |= MSG_TRUNC;
	if (to->name != NULL)
		tell_name(message->sender, to->name);
	return (ssize_t)(to->flags & MSG_TRUNC ? message->len : len);
}

static ssize_t receive_peeked(struct eft_message *to,
			      const struct eft_unix_message *message)
{
	if (message->rights != NULL) {
		to->rights = eft_rights_copy(message->rights);
		if (to->rights == NULL)
			return -ENOMEM;
	}
	return copy_out(to, message);
}

static ssize_t receive_taken(struct eft_message *to,
			     struct eft_unix_message *message)
{
	ssize_t n = copy_out(to, message);

	if (message->rights != NULL)
		eft_rights_arrive(message->rights);
	to->rights = message->rights;
	destroy(message);
	return n;
}

/* *ret_n is what receiving answers, when there was a message. */
static bool receive_one(struct eft_unix *self, struct eft_message *to,
			ssize_t *ret_n)
{
	bool peek = to->flags & MSG_PEEK;
	struct eft_unix_message *message;

	eft_mutex_lock(&self->reading);
	message = first_message(self, !peek);
	if (message != NULL)
		*ret_n = peek ? receive_peeked(to, message)
			      : receive_taken(to, message);
	eft_mutex_unlock(&self->reading);
	return message != NULL;
}

static bool has_nothing(void *arg)
{
	struct eft_unix *self = arg;
	bool empty;

	if (eft_unix_closed(self) & EFT_UNIX_NO_RECEIVE ||
	    __atomic_load_n(&self->error, __ATOMIC_RELAXED) != 0)
		return false;
	eft_lock(&self->lock);
	empty = eft_list_empty(&self->queue);
	eft_unlock(&self->lock);
	return empty;
}

ssize_t eft_unix_message_receive(struct eft_socket *socket,
				 struct eft_message *message)
{
	struct eft_unix *self = eft_unix(socket);
	bool packets = socket->type == SOCK_SEQPACKET;
	ssize_t n;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (packets && eft_unix_state(self) != EFT_UNIX_CONNECTED)
		return -ENOTCONN;
	do {
		unsigned closed = eft_unix_closed(self);

		n = eft_unix_take_error(self);
		if (n < 0 || receive_one(self, message, &n))
			return n;
		/* Linux ends a datagram socket's reads only where they wait. */
		message->ret_ended = closed & EFT_UNIX_NO_RECEIVE;
		if (message->ret_ended)
			return packets || message->deadline_ns > 0 ? 0
								   : -EAGAIN;
		n = eft_socket_wait(&self->readers, has_nothing, self,
				    message->deadline_ns);
	} while (n == 0);
	return n;
}

uint64_t eft_unix_message_unread(struct eft_unix *self, bool all)
{
	uint64_t bytes = 0;

	eft_lock(&self->lock);
	for (struct eft_list *at = self->queue.next; at != &self->queue;
	     at = at->next) {
		bytes += eft_container_of(at, struct eft_unix_message, link)
				 ->len;
		if (!all)
			break;
	}
	eft_unlock(&self->lock);
	return bytes;
}

void eft_unix_message_purge(struct eft_unix *self)
{
	struct eft_unix_message *message;

	while ((message = first_message(self, true)) != NULL) {
		if (message->rights != NULL)
			eft_rights_arrive(message->rights);
		eft_rights_destroy(message->rights);
		destroy(message);
	}
	/* Who was refused is told now that this one is dead. */
	eft_lock(&self->lock);
	wake_refused_locked(self);
	eft_unlock(&self->lock);
}

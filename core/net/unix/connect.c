// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX connections.
 *
 * connect() makes the socket at the other end and puts it on the listener's
 * queue. From there on the two are joined: data may go before accept().
 */
#define EFT_LOCK_CALLS
#include "core/log.h"
#include "core/net/unix/unix.h"

static void set_state(struct eft_unix *self, enum eft_unix_state state)
{
	__atomic_store_n(&self->state, state, __ATOMIC_RELEASE);
}

int eft_unix_listen(struct eft_socket *socket, int backlog)
{
	struct eft_unix *self = eft_unix(socket);
	int error = 0;

	if (socket->type == SOCK_DGRAM)
		return -EOPNOTSUPP;
	eft_lock(&self->lock);
	if (self->name == NULL || (self->state != EFT_UNIX_UNCONNECTED &&
				   self->state != EFT_UNIX_LISTENING))
		error = -EINVAL;
	if (error == 0) {
		self->backlog = (unsigned)eft_min((uint32_t)backlog, SOMAXCONN);
		set_state(self, EFT_UNIX_LISTENING);
	}
	eft_unlock(&self->lock);
	if (error == 0)
		eft_waitq_wake(&self->senders, EFT_WAKE_ALL);
	return error;
}

/*
 * Connecting.
 */

static bool is_full(void *arg)
{
	struct eft_unix *listener = arg;
	bool full;

	eft_lock(&listener->lock);
	full = listener->queued > listener->backlog &&
	       !(eft_unix_closed(listener) & EFT_UNIX_NO_RECEIVE);
	eft_unlock(&listener->lock);
	return full;
}

/* -ECONNREFUSED: it is no listener; -EAGAIN: its queue is full. */
static int refusal_locked(const struct eft_unix *listener)
{
	if (listener->state != EFT_UNIX_LISTENING ||
	    (eft_unix_closed(listener) & EFT_UNIX_NO_RECEIVE))
		return -ECONNREFUSED;
	return listener->queued > listener->backlog ? -EAGAIN : 0;
}

static int refusal(struct eft_unix *listener)
{
	int error;

	eft_lock(&listener->lock);
	error = refusal_locked(listener);
	eft_unlock(&listener->lock);
	return error;
}

/* Takes the count of (made) when it succeeds. */
static int enqueue(struct eft_unix *listener, struct eft_unix *made)
{
	int error;

	eft_lock(&listener->lock);
	error = refusal_locked(listener);
	if (error == 0) {
		made->name = eft_unix_name_get(listener->name);
		eft_list_insert(&listener->queue, &made->accept_link);
		listener->queued++;
	}
	eft_unlock(&listener->lock);
	if (error == 0)
		eft_waitq_wake(&listener->readers, EFT_WAKE_ALL);
	return error;
}

/* Keep other calls of connect() and listen() off (self). */
static int begin(struct eft_unix *self)
{
	int error = 0;

	eft_lock(&self->lock);
	if (self->state == EFT_UNIX_UNCONNECTED)
		set_state(self, EFT_UNIX_CONNECTING);
	else if (self->state == EFT_UNIX_CONNECTING)
		error = -EALREADY;
	else
		error = self->state == EFT_UNIX_CONNECTED ? -EISCONN : -EINVAL;
	eft_unlock(&self->lock);
	return error;
}

/* Undo eft_unix_join() of (made), which nobody has seen. */
static void part(struct eft_unix *self, struct eft_unix *made)
{
	eft_lock(&self->lock);
	self->peer = NULL;
	set_state(self, EFT_UNIX_UNCONNECTED);
	eft_unlock(&self->lock);
	eft_unix_put(made->peer);
	made->peer = NULL;
	eft_unix_put(made);
}

/* Join (self) with a new socket, and offer that one to (listener). */
static int offer(struct eft_unix *self, struct eft_unix *listener,
		 struct eft_unix *made)
{
	int error = refusal(listener); /* whatever (self) is */

	if (error == 0)
		error = begin(self);
	if (error != 0)
		return error;
	made->accepted = false;
	made->state = EFT_UNIX_CONNECTED;
	made->peer = eft_unix_get(self);
	eft_lock(&self->lock);
	self->peer = eft_unix_get(made);
	eft_unlock(&self->lock);
	error = enqueue(listener, made);
	if (error != 0)
		part(self, made);
	else
		set_state(self, EFT_UNIX_CONNECTED);
	return error;
}

/* 1: the queue was full, and no longer is. */
static int connect_once(struct eft_unix *self,
			const struct eft_socket_name *name,
			uint64_t deadline_ns)
{
	struct eft_unix *made, *listener;
	int error = eft_unix_find(name, self->socket.type, &listener);

	if (error != 0)
		return error;
	made = eft_unix_create(self->socket.type);
	error = made != NULL ? offer(self, listener, made) : -ENOMEM;
	if (error != 0)
		eft_unix_put(made);
	if (error == -EAGAIN && deadline_ns != 0) {
		error = eft_socket_wait(&listener->senders, is_full, listener,
					deadline_ns);
		error = error == 0 ? 1 : error;
	}
	eft_unix_put(listener);
	return error;
}

int eft_unix_connect(struct eft_socket *socket,
		     const struct eft_socket_name *name, uint64_t deadline_ns)
{
	struct eft_unix *self = eft_unix(socket);
	int error = eft_unix_check_name(name);

	if (error == 0 && eft_socket_switch(socket, SO_PASSCRED))
		error = eft_unix_autobind(self);
	if (error != 0)
		return error;
	do
		error = connect_once(self, name, deadline_ns);
	while (error > 0);
	return error;
}

/*
 * Accepting.
 */

static struct eft_unix *next_pending(struct eft_unix *listener)
{
	struct eft_unix *made = NULL;

	eft_lock(&listener->lock);
	if (!eft_list_empty(&listener->queue)) {
		made = eft_container_of(listener->queue.next, struct eft_unix,
					accept_link);
		eft_list_remove(&made->accept_link);
		listener->queued--;
	}
	eft_unlock(&listener->lock);
	if (made != NULL)
		eft_waitq_wake(&listener->senders, EFT_WAKE_ALL);
	return made;
}

static bool has_no_pending(void *arg)
{
	struct eft_unix *listener = arg;
	bool empty;

	eft_lock(&listener->lock);
	empty = eft_list_empty(&listener->queue);
	eft_unlock(&listener->lock);
	return empty && !(eft_unix_closed(listener) & EFT_UNIX_NO_RECEIVE);
}

int eft_unix_accept(struct eft_socket *socket, uint64_t deadline_ns,
		    struct eft_socket **ret_socket)
{
	struct eft_unix *listener = eft_unix(socket), *made;
	int error = 0;

	if (socket->type == SOCK_DGRAM)
		return -EOPNOTSUPP;
	if (eft_unix_state(listener) != EFT_UNIX_LISTENING)
		return -EINVAL;
	while ((made = next_pending(listener)) == NULL && error == 0) {
		/* Linux ends a listener only for those who wait. */
		if (eft_unix_closed(listener) & EFT_UNIX_NO_RECEIVE)
			return deadline_ns > 0 ? -EINVAL : -EAGAIN;
		error = eft_socket_wait(&listener->readers, has_no_pending,
					listener, deadline_ns);
	}
	if (made == NULL)
		return error;
	made->accepted = true;
	*ret_socket = &made->socket;
	return 0;
}

void eft_unix_drop_pending(struct eft_unix *listener)
{
	struct eft_unix *made;

	while ((made = next_pending(listener)) != NULL)
		eft_file_put(&made->socket.file);
}

/*
 * Datagrams: the peer is only where send() sends to, and what may send here.
 */

/* (self) left (old): what lies there is lost, of which (old) is told. */
static void leave(struct eft_unix *self, struct eft_unix *old)
{
	bool mutual;

	if (old == NULL || eft_unix_message_unread(self, true) == 0)
		return;
	eft_lock(&old->lock);
	mutual = old->peer == self;
	eft_unlock(&old->lock);
	eft_unix_message_purge(self);
	if (mutual && !(eft_unix_closed(old) & EFT_UNIX_DEAD)) {
		eft_unix_set_error(old, -ECONNRESET);
		eft_unix_close(old, 0); /* it may wait for this */
	}
}

static bool may_send(struct eft_unix *self, struct eft_unix *to)
{
	bool may;

	eft_lock(&to->lock);
	may = to->peer == NULL || to->peer == self;
	eft_unlock(&to->lock);
	return may;
}

int eft_unix_connect_dgram(struct eft_socket *socket,
			   const struct eft_socket_name *name,
			   uint64_t deadline_ns)
{
	struct eft_unix *self = eft_unix(socket), *to = NULL, *old;
	int error = 0;

	if (name->len < sizeof(name->family))
		return -EINVAL;
	if (name->family != AF_UNSPEC) {
		error = eft_unix_check_name(name);
		if (error == 0 && eft_socket_switch(socket, SO_PASSCRED))
			error = eft_unix_autobind(self);
		if (error == 0)
			error = eft_unix_find(name, SOCK_DGRAM, &to);
		if (error == 0 && !may_send(self, to))
			error = -EPERM;
	}
	if (error != 0) {
		eft_unix_put(to);
		return error;
	}
	eft_lock(&self->lock);
	old = self->peer;
	self->peer = to;
	eft_unlock(&self->lock);
	if (old != to)
		leave(self, old);
	eft_waitq_wake(&self->writers, EFT_WAKE_ALL);
	eft_unix_put(old);
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX streams.
 *
 * Bytes lie in a list of pages with the socket that will read them. Its peer
 * alone adds to it and it alone takes: each has a mutex against its like, and
 * between the two are just the counts of bytes (written) and (read), so that
 * the program's memory is copied with nothing held that others wait for. The
 * last page that was emptied is kept for the writer: who sends a little and
 * reads a little allocates nothing.
 *
 * Rights lie in a list beside it, with the numbers of the bytes that they came
 * with. A read gives those of one message at most, and ends with that message.
 */
#define EFT_LOCK_CALLS
#include "core/fd/iov.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/net/unix/unix.h"

enum { CHUNK_BYTES = EFT_PAGE_SIZE - 16 };

struct eft_unix_chunk {
	struct eft_unix_chunk *next;
	uint64_t pad;
	char data[CHUNK_BYTES];
};

_Static_assert(sizeof(struct eft_unix_chunk) == EFT_PAGE_SIZE, "a page");

uint64_t eft_unix_stream_unread(const struct eft_unix *self)
{
	uint64_t read = __atomic_load_n(&self->stream.read, __ATOMIC_ACQUIRE);

	/* In this order: what was read had been written. */
	return __atomic_load_n(&self->stream.written, __ATOMIC_ACQUIRE) - read;
}

/*
 * Writing.
 */

static bool add_chunk(struct eft_unix_stream *to)
{
	struct eft_unix_chunk *chunk =
		__atomic_exchange_n(&to->spare, NULL, __ATOMIC_ACQUIRE);

	if (chunk == NULL)
		chunk = eft_page_alloc(0);
	if (chunk == NULL)
		return false;
	chunk->next = NULL;
	if (to->tail != NULL)
		to->tail->next = chunk;
	else
		to->head = chunk;
	to->tail = chunk;
	to->tail_at = 0;
	return true;
}

/* Forget what was added after the byte (tail_at) of (tail), or all for NULL. */
static void cut(struct eft_unix_stream *to, struct eft_unix_chunk *tail,
		uint64_t tail_at)
{
	struct eft_unix_chunk **link = tail ? &tail->next : &to->head;
	struct eft_unix_chunk *chunk = *link, *next;

	*link = NULL;
	to->tail = tail;
	to->tail_at = tail_at;
	for (; chunk != NULL; chunk = next) {
		next = chunk->next;
		eft_page_free(chunk);
	}
}

/*
 * Add up to (len) bytes; fewer when memory is full. None of them, where some
 * cannot be read: -EFAULT.
 */
static ssize_t append(struct eft_unix_stream *to, struct eft_cursor *from,
		      size_t len)
{
	struct eft_unix_chunk *tail = to->tail;
	uint64_t tail_at = to->tail_at;
	size_t done = 0;

	while (done < len) {
		size_t n;

		if ((to->tail == NULL || to->tail_at == CHUNK_BYTES) &&
		    !add_chunk(to))
			break;
		eft_assert(to->tail_at <= CHUNK_BYTES);
		n = eft_min(len - done, CHUNK_BYTES - to->tail_at);
		if (eft_cursor_take(from, to->tail->data + to->tail_at, n)) {
			cut(to, tail, tail_at);
			return -EFAULT;
		}
		to->tail_at += n;
		done += n;
	}
	return done > 0 ? (ssize_t)done : -ENOMEM;
}

/* The rights of the (len) bytes that are counted next. */
static void add_rights(struct eft_unix *to, struct eft_rights *rights,
		       size_t len)
{
	rights->start = to->stream.written;
	rights->end = to->stream.written + len;
	eft_lock(&to->lock);
	eft_list_insert(&to->stream.rights, &rights->link);
	__atomic_store_n(&to->stream.rights_count, to->stream.rights_count + 1,
			 __ATOMIC_RELAXED);
	eft_unlock(&to->lock);
}

/* Send up to (len) bytes, with (rights) if there are any. */
static ssize_t put_bytes(struct eft_unix *to, struct eft_cursor *from,
			 size_t len, struct eft_rights **rights)
{
	struct eft_rights *with = *rights;
	ssize_t done = with != NULL ? eft_rights_depart(with) : 0;

	if (done != 0)
		return done;
	done = append(&to->stream, from, len);
	if (with != NULL && done < 0)
		eft_rights_arrive(with);
	if (done < 0)
		return done;
	if (with != NULL)
		add_rights(to, with, (size_t)done);
	*rights = NULL;
	__atomic_store_n(&to->stream.written,
			 to->stream.written + (uint64_t)done, __ATOMIC_RELEASE);
	return done;
}

/* Send what there is room for. */
static ssize_t send_some(struct eft_unix *self, struct eft_unix *peer,
			 struct eft_cursor *from, size_t len,
			 struct eft_rights **rights)
{
	uint64_t limit =
		__atomic_load_n(&self->socket.send_bytes, __ATOMIC_RELAXED);
	uint64_t used;
	ssize_t n = -EAGAIN;

	eft_mutex_lock(&self->writing);
	used = eft_unix_stream_unread(peer);
	if ((eft_unix_closed(self) & EFT_UNIX_NO_SEND) ||
	    (eft_unix_closed(peer) & EFT_UNIX_NO_RECEIVE))
		n = -EPIPE;
	else if (used < limit)
		n = put_bytes(peer, from, eft_min(len, limit - used), rights);
	eft_mutex_unlock(&self->writing);
	return n;
}

struct room {
	struct eft_unix *self, *peer;
};

static bool no_room(void *arg)
{
	struct room *room = arg;

	return !eft_unix_is_quarter(room->self,
				    eft_unix_stream_unread(room->peer)) &&
	       !(eft_unix_closed(room->self) & EFT_UNIX_NO_SEND) &&
	       !(eft_unix_closed(room->peer) & EFT_UNIX_NO_RECEIVE);
}

static ssize_t send_to(struct eft_unix *self, struct eft_unix *peer,
		       struct eft_message *message)
{
	size_t len = eft_iov_total(message->iov, message->count), done = 0;
	struct eft_cursor from = {.iov = message->iov};
	struct room room = {self, peer};
	ssize_t n = 0;

	while (done < len && n >= 0) {
		n = send_some(self, peer, &from, len - done, &message->rights);
		if (n > 0) {
			done += (size_t)n;
			eft_waitq_wake(&peer->readers, EFT_WAKE_ALL);
		} else if (n == -EAGAIN) {
			n = eft_socket_wait(&self->writers, no_room, &room,
					    message->deadline_ns);
		}
	}
	return done > 0 ? (ssize_t)done : n;
}

ssize_t eft_unix_stream_send(struct eft_socket *socket,
			     struct eft_message *message)
{
	struct eft_unix *self = eft_unix(socket), *peer;
	bool connected = eft_unix_state(self) == EFT_UNIX_CONNECTED;
	ssize_t n = -EPIPE;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (message->name != NULL)
		return connected ? -EISCONN : -EOPNOTSUPP;
	peer = connected ? eft_unix_peer(self) : NULL;
	if (peer == NULL)
		return -ENOTCONN;
	if (!(eft_unix_closed(self) & EFT_UNIX_NO_SEND))
		n = send_to(self, peer, message);
	eft_unix_put(peer);
	return n;
}

/*
 * Reading.
 */

/* The rights among the next (len) bytes; *len is cut where they end. */
static struct eft_rights *find_rights(struct eft_unix *self, size_t *len)
{
	struct eft_unix_stream *from = &self->stream;
	struct eft_rights *first;

	if (__atomic_load_n(&from->rights_count, __ATOMIC_RELAXED) == 0)
		return NULL;
	eft_lock(&self->lock);
	first = eft_container_of(from->rights.next, struct eft_rights, link);
	if (first->start >= from->read + *len)
		first = NULL;
	else
		*len = eft_min(*len, first->end - from->read);
	eft_unlock(&self->lock);
	return first;
}

static void take_rights(struct eft_unix *self, struct eft_rights *rights)
{
	eft_lock(&self->lock);
	eft_assert(self->stream.rights_count > 0);
	eft_list_remove(&rights->link);
	__atomic_store_n(&self->stream.rights_count,
			 self->stream.rights_count - 1, __ATOMIC_RELAXED);
	eft_unlock(&self->lock);
	eft_rights_arrive(rights);
}

static void drop_head(struct eft_unix_stream *from)
{
	struct eft_unix_chunk *chunk = from->head;

	from->head = chunk->next;
	from->head_at = 0;
	chunk = __atomic_exchange_n(&from->spare, chunk, __ATOMIC_ACQ_REL);
	eft_page_free(chunk);
}

/*
 * Copy (len) bytes, which are there, and forget them: those of a chunk that
 * cannot all be copied stay. For how many were.
 */
static size_t consume(struct eft_unix_stream *from, struct eft_cursor *to,
		      size_t len)
{
	size_t done = 0, n;

	while (done < len) {

		if (from->head_at == CHUNK_BYTES)
			drop_head(from);
		n = eft_min(len - done, CHUNK_BYTES - from->head_at);
		if (eft_cursor_put(to, from->head->data + from->head_at, n))
			break;
		from->head_at += n;
		done += n;
		__atomic_store_n(&from->read, from->read + n, __ATOMIC_RELEASE);
	}
	return done;
}

/* Copy them, and leave them there. */
static size_t look_at(const struct eft_unix_stream *from, struct eft_cursor *to,
		      size_t len)
{
	const struct eft_unix_chunk *chunk = from->head;
	size_t at = from->head_at, done = 0, n;

	while (done < len) {
		if (at == CHUNK_BYTES) {
			chunk = chunk->next;
			at = 0;
		}
		n = eft_min(len - done, CHUNK_BYTES - at);
		if (eft_cursor_put(to, chunk->data + at, n))
			break;
		at += n;
		done += n;
	}
	return done;
}

/*
 * Read up to (len) bytes that are there; 0: none. *ret_end: this read is over,
 * as rights came with the last of them.
 */
static ssize_t receive_some(struct eft_unix *self, struct eft_message *message,
			    struct eft_cursor *to, size_t len, bool *ret_end)
{
	bool peek = message->flags & MSG_PEEK;
	struct eft_rights *rights;
	ssize_t n = 0;

	eft_mutex_lock(&self->reading);
	len = eft_min(len, eft_unix_stream_unread(self));
	if (len == 0)
		goto out;
	rights = find_rights(self, &len);
	if (rights != NULL && peek) {
		message->rights = eft_rights_copy(rights);
		n = message->rights == NULL ? -ENOMEM : 0;
	}
	if (n < 0)
		goto out;
	n = eft_iov_result(peek ? look_at(&self->stream, to, len)
				: consume(&self->stream, to, len),
			   len);
	if (n < 0)
		goto out;
	if (rights != NULL && !peek) {
		take_rights(self, rights);
		message->rights = rights;
	}
	*ret_end = rights != NULL || peek;
out:
	eft_mutex_unlock(&self->reading);
	return n;
}

/* The peer may write again. */
static void made_room(struct eft_unix *self)
{
	struct eft_unix *peer = self->peer;

	if (peer != NULL &&
	    eft_unix_is_quarter(peer, eft_unix_stream_unread(self)))
		eft_waitq_wake(&peer->writers, EFT_WAKE_ALL);
}

static bool nothing_to_read(void *arg)
{
	struct eft_unix *self = arg;

	return eft_unix_stream_unread(self) == 0 &&
	       !(eft_unix_closed(self) & EFT_UNIX_NO_RECEIVE) &&
	       __atomic_load_n(&self->error, __ATOMIC_RELAXED) == 0;
}

/* Nothing was there to read: why, or wait. 1: the end. */
static int wait_for_bytes(struct eft_unix *self, unsigned closed,
			  uint64_t deadline_ns)
{
	int error = eft_unix_take_error(self);

	if (error != 0)
		return error;
	if (closed & EFT_UNIX_NO_RECEIVE)
		return 1;
	return eft_socket_wait(&self->readers, nothing_to_read, self,
			       deadline_ns);
}

static ssize_t receive(struct eft_unix *self, struct eft_message *message)
{
	size_t len = eft_iov_total(message->iov, message->count), done = 0;
	size_t low = __atomic_load_n(&self->socket.low_water, __ATOMIC_RELAXED);
	size_t least = message->flags & MSG_WAITALL ? len : eft_min(low, len);
	struct eft_cursor to = {.iov = message->iov};
	bool end = false;
	ssize_t n;

	do {
		/* Before the look: what was sent before the end is there. */
		unsigned closed = eft_unix_closed(self);

		n = receive_some(self, message, &to, len - done, &end);
		if (n > 0) {
			done += (size_t)n;
			made_room(self);
		} else if (len == 0 && eft_unix_stream_unread(self) > 0) {
			break;
		} else if (n == 0 && (done < least || done == 0)) {
			n = wait_for_bytes(self, closed, message->deadline_ns);
			end = n > 0;
		} else {
			end = true;
		}
	} while (n >= 0 && !end && (done < len || len == 0));
	return done > 0 || n > 0 ? (ssize_t)done : n;
}

ssize_t eft_unix_stream_receive(struct eft_socket *socket,
				struct eft_message *message)
{
	struct eft_unix *self = eft_unix(socket);
	struct eft_socket_name name;
	ssize_t n;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (eft_unix_state(self) != EFT_UNIX_CONNECTED)
		return -EINVAL;
	n = receive(self, message);
	if (n < 0 || message->name == NULL ||
	    (n == 0 && eft_unix_stream_unread(self) == 0))
		return n; /* the end comes from nobody */
	if (socket->ops->name(socket, true, &name) == 0 && name.len > 2)
		memcpy(message->name, &name, sizeof(name));
	return n;
}

/*
 * The end.
 */

static void free_chunks(struct eft_unix_stream *stream)
{
	struct eft_unix_chunk *chunk = stream->head, *next;

	for (; chunk != NULL; chunk = next) {
		next = chunk->next;
		eft_page_free(chunk);
	}
	eft_page_free(stream->spare);
	stream->head = stream->tail = stream->spare = NULL;
	stream->tail_at = stream->head_at = 0;
	__atomic_store_n(&stream->read, stream->written, __ATOMIC_RELEASE);
}

void eft_unix_stream_purge(struct eft_unix *self, struct eft_unix *peer)
{
	struct eft_list *rights = &self->stream.rights;

	/* A writer that has not seen the end is done when we have the mutex. */
	if (peer != NULL)
		eft_mutex_lock(&peer->writing);
	free_chunks(&self->stream);
	if (peer != NULL)
		eft_mutex_unlock(&peer->writing);
	while (!eft_list_empty(rights)) {
		struct eft_rights *first =
			eft_container_of(rights->next, struct eft_rights, link);

		eft_list_remove(&first->link);
		eft_rights_arrive(first);
		eft_rights_destroy(first);
	}
}

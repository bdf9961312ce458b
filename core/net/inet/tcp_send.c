// SPDX-License-Identifier: BSD-3-Clause
/*
 * What TCP sends: copied from the program's memory before the mutex is taken, and
 * then by lwIP to its segments.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/fd/iov.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/socket.h"

enum {
	SMALL_BYTES = 1024, /* on the stack */
	PIECE_ORDER = 3,
	PIECE_BYTES = 4096 << PIECE_ORDER,
	FREE_PART = 3,	/* of the buffer, that wakes a writer (sk_stream_...) */
	CORK_LOOKS = 2, /* slow calls of TCP's timer: Linux has 200 ms */
};

static bool is_over(const struct eft_inet *self)
{
	return eft_inet_closed(self) & EFT_INET_NO_SEND ||
	       __atomic_load_n(&self->error, __ATOMIC_RELAXED) != 0 ||
	       eft_inet_state(self) != EFT_INET_CONNECTED;
}

bool eft_inet_tcp_may_write(const struct eft_inet *self)
{
	uint32_t room = __atomic_load_n(&self->tcp.room, __ATOMIC_SEQ_CST);

	return is_over(self) || room * FREE_PART >= self->tcp.send_limit;
}

static bool may_not_write(void *arg)
{
	struct eft_inet *self = arg;

	if (eft_inet_state(self) == EFT_INET_CONNECTING)
		return true;
	if (eft_inet_tcp_may_write(self))
		return false;
	__atomic_store_n(&self->tcp.no_space, true, __ATOMIC_SEQ_CST);
	return !eft_inet_tcp_may_write(self);
}

/* Why nothing can be sent; 0: it can be. */
static int check(struct eft_inet *self)
{
	int error = eft_inet_take_error(self);

	if (error != 0)
		return error;
	if (eft_inet_closed(self) & EFT_INET_NO_SEND)
		return -EPIPE;
	switch (eft_inet_state(self)) {
	case EFT_INET_CONNECTED:
		return 0;
	case EFT_INET_CONNECTING:
		return -EAGAIN;
	}
	return -EPIPE;
}

static int wait_for_room(struct eft_inet *self, uint64_t deadline_ns)
{
	int error = check(self);

	if (error == 0 &&
	    __atomic_load_n(&self->tcp.room, __ATOMIC_RELAXED) > 0)
		return 0;
	if (error != 0 && error != -EAGAIN)
		return error;
	if (deadline_ns == 0 && may_not_write(self))
		return -EAGAIN;
	error = eft_socket_wait(&self->writers, may_not_write, self,
				deadline_ns);
	return error == 0 ? check(self) : error;
}

/* Send what is there, unless more is said to come that would fill a segment. */
static void go(struct eft_inet *self, struct tcp_pcb *pcb, bool more)
{
	if ((!more && !self->tcp.cork) || pcb->snd_buf == 0) {
		tcp_output(pcb);
		return;
	}
	if (pcb->unsent != NULL &&
	    (pcb->unsent->next != NULL || pcb->unsent->len >= pcb->mss))
		tcp_output(pcb);
	tcp_poll(pcb, NULL, CORK_LOOKS);
}

/*
 * Who answers at once what it hears has its acknowledgements go with the answers
 * from now on (Linux: net/ipv4/tcp_output.c, tcp_event_data_sent()).
 */
static void note_answer(struct eft_inet *self, const struct tcp_pcb *pcb)
{
	if (self->tcp.heard && pcb->tmr == tcp_ticks)
		self->tcp.quick = false;
	self->tcp.heard = false;
}

/* How many of (n) bytes the stack takes. The mutex is held. */
static ssize_t put(struct eft_inet *self, const char *bytes, size_t n,
		   bool more)
{
	struct tcp_pcb *pcb = self->pcb.tcp;
	err_t error;

	if (pcb == NULL || self->closed & EFT_INET_NO_SEND)
		return -EPIPE;
	n = eft_min(n, eft_min(pcb->snd_buf, UINT16_MAX));
	if (n == 0)
		return 0;
	note_answer(self, pcb);
	error = tcp_write(pcb, bytes, (u16_t)n,
			  TCP_WRITE_FLAG_COPY |
				  (more ? TCP_WRITE_FLAG_MORE : 0));
	/* With no room left, no more comes to fill a segment. */
	if (error == ERR_OK)
		go(self, pcb, more && pcb->snd_buf > 0);
	/* Until something is acknowledged, if that is to come. */
	__atomic_store_n(&self->tcp.room, error == ERR_OK ? pcb->snd_buf : 0,
			 __ATOMIC_SEQ_CST);
	if (error == ERR_OK)
		return (ssize_t)n;
	return error == ERR_MEM && pcb->snd_queuelen > 0
		       ? 0
		       : eft_inet_errno(error);
}

/* All of (n) bytes; *ret_done: those that went. */
static int send_piece(struct eft_inet *self, const char *bytes, size_t n,
		      bool more, uint64_t deadline_ns, size_t *ret_done)
{
	size_t done = 0;
	ssize_t put_now;
	int error = 0;

	for (;;) {
		eft_inet_lock();
		put_now = put(self, bytes + done, n - done, more);
		eft_inet_unlock();
		if (put_now > 0)
			done += (size_t)put_now;
		if (done == n)
			break;
		error = put_now >= 0 || put_now == -EPIPE
				? wait_for_room(self, deadline_ns)
				: (int)put_now;
		if (error != 0)
			break;
	}
	*ret_done += done;
	return error;
}

struct sender {
	struct eft_cursor from;
	size_t left, done;
	char *piece; /* pages, if it is more than a little */
};

/* The next bytes, of which there are (n) or more, in libOS memory. */
static int take(struct sender *sender, size_t *n, char small[SMALL_BYTES],
		char **ret_bytes)
{
	*ret_bytes = small;
	if (*n > SMALL_BYTES && sender->piece == NULL)
		sender->piece = eft_page_alloc(PIECE_ORDER);
	if (*n > SMALL_BYTES && sender->piece != NULL)
		*ret_bytes = sender->piece;
	else
		*n = eft_min(*n, SMALL_BYTES);
	return eft_cursor_take(&sender->from, *ret_bytes, *n);
}

static int send_all(struct eft_inet *self, struct eft_message *message,
		    struct sender *sender)
{
	bool more = message->flags & EFT_MSG_MORE;
	char small[SMALL_BYTES], *bytes;
	int error = 0;

	while (sender->left > 0 && error == 0) {
		size_t n = eft_min(sender->left, PIECE_BYTES);

		error = wait_for_room(self, message->deadline_ns);
		if (error == 0)
			error = take(sender, &n, small, &bytes);
		if (error != 0)
			break;
		sender->left -= n;
		error = send_piece(self, bytes, n, more || sender->left > 0,
				   message->deadline_ns, &sender->done);
	}
	return error;
}

ssize_t eft_inet_tcp_send(struct eft_socket *socket,
			  struct eft_message *message)
{
	struct sender sender = {
		.from = {.iov = message->iov},
		.left = eft_iov_total(message->iov, message->count),
	};
	struct eft_inet *self = eft_inet(socket);
	int error;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP; /* lwIP has no urgent data */
	/* A connection that begins with data (RFC 7413): as Linux without it. */
	if (message->flags & EFT_MSG_FASTOPEN &&
	    eft_inet_state(self) == EFT_INET_UNCONNECTED)
		return -EOPNOTSUPP;
	if (sender.left == 0) {
		error = check(self);
		return error;
	}
	error = send_all(self, message, &sender);
	eft_page_free(sender.piece);
	return sender.done > 0 ? (ssize_t)sender.done : error;
}

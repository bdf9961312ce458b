// SPDX-License-Identifier: BSD-3-Clause
/*
 * What TCP receives.
 *
 * The segments of lwIP are in one list. Its end is the stack's, under the mutex;
 * its beginning the reader's, under the file's lock: the reader goes as far as
 * (unread) says, and copies without the mutex. It frees what it has read with it,
 * and opens the window.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/fd/iov.h"
#include "core/log.h"
#include "core/net/inet/socket.h"

enum {
	/* What a SYN says, which has no scale (RFC 7323 §2.2). */
	WINDOW_MIN = UINT16_MAX,
	UPDATE_PART = 4, /* of a window, that is worth a segment of its own */
};

static uint32_t window_of(const struct eft_inet *self)
{
	uint32_t bytes = self->socket.receive_bytes / 2;

	/* Linux tunes it by itself, until the program has a say. */
	if (!(self->sizes_set & 1u << SO_RCVBUF))
		bytes = TCP_WND / 2;
	return eft_max(eft_min(bytes, TCP_WND), WINDOW_MIN);
}

void eft_inet_tcp_begin_window(struct eft_inet *self)
{
	struct tcp_pcb *pcb = self->pcb.tcp;
	uint32_t window = eft_min(window_of(self), TCP_WND_MAX(pcb));

	eft_assert(self->tcp.unread == 0);
	pcb->rcv_wnd = window;
	pcb->rcv_ann_wnd = window;
	/* lwIP notes all of its window, and never takes back what it announced. */
	pcb->rcv_ann_right_edge = pcb->rcv_nxt + WINDOW_MIN;
}

void eft_inet_tcp_open_window(struct eft_inet *self)
{
	struct tcp_pcb *pcb = self->pcb.tcp;
	uint32_t window, unread = self->tcp.unread;

	if (pcb == NULL || self->closed & EFT_INET_FIN)
		return;
	window = eft_min(window_of(self), TCP_WND_MAX(pcb));
	if (window <= unread || window - unread <= pcb->rcv_wnd)
		return;
	pcb->rcv_wnd = window - unread;
	if (tcp_update_rcv_ann_wnd(pcb) < window / UPDATE_PART)
		return;
	tcp_ack_now(pcb);
	tcp_output(pcb);
}

void eft_inet_tcp_arrived(struct eft_inet *self, struct pbuf *p)
{
	uint32_t unread, len = p->tot_len;
	uint32_t low =
		__atomic_load_n(&self->socket.low_water, __ATOMIC_RELAXED);

	if (self->tcp.tail == NULL)
		self->tcp.head = p;
	else
		self->tcp.tail->next = p;
	for (;; p = p->next) {
		eft_assert(p->ref == 1);
		if (p->next == NULL)
			break;
	}
	self->tcp.tail = p;
	self->tcp.heard = true;
	unread = __atomic_add_fetch(&self->tcp.unread, len, __ATOMIC_SEQ_CST);
	if (unread >= low)
		eft_inet_wake(&self->readers);
}

/* (n) bytes were read, with the file's lock and the mutex held. */
static void drop(struct eft_inet *self, uint32_t n)
{
	struct pbuf *p;
	uint32_t at = self->tcp.head_at + n;

	__atomic_fetch_sub(&self->tcp.unread, n, __ATOMIC_SEQ_CST);
	while ((p = self->tcp.head) != NULL && at >= p->len) {
		at -= p->len;
		self->tcp.head = p->next;
		p->next = NULL; /* the others are no chain of its */
		pbuf_free(p);
	}
	if (self->tcp.head == NULL)
		self->tcp.tail = NULL;
	eft_assert(self->tcp.head != NULL || at == 0);
	self->tcp.head_at = at;
}

void eft_inet_tcp_purge(struct eft_inet *self)
{
	drop(self, self->tcp.unread);
	eft_assert(self->tcp.head == NULL);
}

/* Copy (len) bytes, which are there, or fewer that there is memory for. */
static uint32_t copy(const struct eft_inet *self, struct eft_cursor *to,
		     uint32_t len)
{
	const struct pbuf *p = self->tcp.head;
	uint32_t at = self->tcp.head_at, done = 0, n;

	while (done < len) {
		if (at == p->len) {
			p = p->next;
			at = 0;
			continue;
		}
		n = eft_min(len - done, p->len - at);
		if (eft_cursor_put(to, (char *)p->payload + at, n) != 0)
			break;
		at += n;
		done += n;
	}
	return done;
}

/*
 * Whoever does not answer what was sent has the peer wait for an acknowledgement:
 * it gets one when all is read (Linux: net/ipv4/tcp.c, __tcp_cleanup_rbuf()).
 */
static void acknowledge(struct eft_inet *self)
{
	struct tcp_pcb *pcb = self->pcb.tcp;

	if (pcb == NULL || !self->tcp.quick || self->tcp.unread > 0 ||
	    !(pcb->flags & TF_ACK_DELAY))
		return;
	tcp_ack_now(pcb);
	tcp_output(pcb);
}

/* Up to (len) bytes that are there; 0: none. */
static ssize_t receive_some(struct eft_inet *self, struct eft_message *message,
			    struct eft_cursor *to, size_t len)
{
	uint32_t unread = __atomic_load_n(&self->tcp.unread, __ATOMIC_ACQUIRE);
	ssize_t n;

	len = eft_min(len, unread);
	if (len == 0)
		return 0;
	/* MSG_TRUNC is to throw away (tcp(7)). */
	n = message->flags & MSG_TRUNC ? len : copy(self, to, (uint32_t)len);
	if (n == 0)
		return -EFAULT;
	if (message->flags & MSG_PEEK)
		return n;
	eft_inet_lock();
	drop(self, (uint32_t)n);
	eft_inet_tcp_open_window(self);
	acknowledge(self);
	eft_inet_unlock();
	return n;
}

static bool nothing_to_read(void *arg)
{
	struct eft_inet *self = arg;
	uint32_t state = eft_inet_state(self);

	return __atomic_load_n(&self->tcp.unread, __ATOMIC_ACQUIRE) == 0 &&
	       !(eft_inet_closed(self) &
		 (EFT_INET_FIN | EFT_INET_NO_RECEIVE)) &&
	       __atomic_load_n(&self->error, __ATOMIC_RELAXED) == 0 &&
	       (state == EFT_INET_CONNECTED || state == EFT_INET_CONNECTING);
}

/* Nothing was there to read: why, or wait. 1: the end. */
static int wait_for_bytes(struct eft_inet *self, unsigned closed,
			  uint64_t deadline_ns)
{
	uint32_t state = eft_inet_state(self);
	int error = eft_inet_take_error(self);

	if (error != 0)
		return error;
	if (closed & (EFT_INET_FIN | EFT_INET_NO_RECEIVE))
		return 1;
	if (state != EFT_INET_CONNECTED && state != EFT_INET_CONNECTING)
		return -ENOTCONN;
	return eft_socket_wait(&self->readers, nothing_to_read, self,
			       deadline_ns);
}

/* For more than there was at a look: until (bytes) more, or the end. */
struct more {
	struct eft_inet *self;
	uint32_t unread;
};

static bool no_more(void *arg)
{
	struct more *more = arg;
	struct eft_inet *self = more->self;

	return __atomic_load_n(&self->tcp.unread, __ATOMIC_ACQUIRE) ==
		       more->unread &&
	       !(eft_inet_closed(self) &
		 (EFT_INET_FIN | EFT_INET_NO_RECEIVE)) &&
	       __atomic_load_n(&self->error, __ATOMIC_RELAXED) == 0;
}

/* MSG_PEEK and MSG_WAITALL: it is to be there, all of it. */
static int wait_to_peek(struct eft_inet *self, size_t len, uint64_t deadline_ns)
{
	struct more more = {.self = self};
	int error = 0;

	while (error == 0) {
		more.unread =
			__atomic_load_n(&self->tcp.unread, __ATOMIC_ACQUIRE);
		if (more.unread >= len || !no_more(&more))
			break;
		error = eft_socket_wait(&self->readers, no_more, &more,
					deadline_ns);
	}
	return error;
}

static ssize_t locked_some(struct eft_inet *self, struct eft_message *message,
			   struct eft_cursor *to, size_t len)
{
	ssize_t n;

	if (__atomic_load_n(&self->tcp.unread, __ATOMIC_ACQUIRE) == 0)
		return 0;
	eft_mutex_lock(&self->socket.file.lock);
	n = receive_some(self, message, to, len);
	eft_mutex_unlock(&self->socket.file.lock);
	return n;
}

static ssize_t receive(struct eft_inet *self, struct eft_message *message,
		       size_t len)
{
	size_t low = __atomic_load_n(&self->socket.low_water, __ATOMIC_RELAXED);
	size_t least = message->flags & MSG_WAITALL ? len : eft_min(low, len);
	struct eft_cursor to = {.iov = message->iov};
	size_t done = 0;
	ssize_t n;

	for (;;) {
		/* Before the look: what was sent before the end is there. */
		unsigned closed = eft_inet_closed(self);

		n = locked_some(self, message, &to, len - done);
		if (n > 0)
			done += (size_t)n;
		if (n < 0 || done == len || message->flags & MSG_PEEK ||
		    (n > 0 && done >= least)) {
			if (n != 0 || done > 0)
				break;
		}
		if (n == 0) {
			if (done >= least && done > 0)
				break;
			n = wait_for_bytes(self, closed, message->deadline_ns);
			if (n != 0)
				break;
		}
	}
	if (done > 0)
		return (ssize_t)done;
	return n > 0 ? 0 : n; /* the end */
}

ssize_t eft_inet_tcp_receive(struct eft_socket *socket,
			     struct eft_message *message)
{
	size_t len = eft_iov_total(message->iov, message->count);
	struct eft_inet *self = eft_inet(socket);

	if (message->flags & MSG_OOB)
		return -EINVAL; /* no urgent data are there (tcp(7)) */
	if (message->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	if (eft_inet_state(self) == EFT_INET_LISTENING)
		return -ENOTCONN;
	if (len == 0)
		return 0;
	if ((message->flags & (MSG_PEEK | MSG_WAITALL)) ==
	    (MSG_PEEK | MSG_WAITALL)) {
		int error = wait_to_peek(self, len, message->deadline_ns);

		if (error != 0 && self->tcp.unread == 0)
			return error;
	}
	return receive(self, message, len);
}

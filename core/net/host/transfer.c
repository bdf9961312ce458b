// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sending and receiving by the host's sockets. The host moves bytes from and to
 * the program's memory itself. Where its call does not do all that a call that
 * waits would have done, we wait and make it again, with what is left.
 */
#include "core/fd/iov.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/mem.h"
#include "core/net/host/host.h"

/* Only in images with disks is there memory that the host cannot use. */
#pragma weak eft_hostfile_bounces

enum { PARTS = 8 };

struct transfer {
	struct eft_host_socket *hs;
	struct eft_message *message;
	size_t total, done;
	struct eft_iovec rest[PARTS]; /* after (done) */
};

int eft_host_left_error(struct eft_host_socket *hs)
{
	if (eft_likely(__atomic_load_n(&hs->error, __ATOMIC_RELAXED) == 0))
		return 0;
	return __atomic_exchange_n(&hs->error, 0, __ATOMIC_RELAXED);
}

/*
 * What has been moved is told; an error that the host will not tell again is
 * left for the next call, as Linux does.
 */
static ssize_t end_with(struct transfer *t, ssize_t result)
{
	if (t->done == 0)
		return result;
	if (result < 0 && result != -EAGAIN && result != -EINTR &&
	    result != -EPIPE && result != -EFAULT)
		__atomic_store_n(&t->hs->error, (int)result, __ATOMIC_RELAXED);
	return (ssize_t)t->done;
}

/* The vector of the next call. */
static const struct eft_iovec *vector(struct transfer *t, int *ret_count)
{
	const struct eft_iovec *iov = t->message->iov;
	size_t done = t->done;
	int parts = 0;

	*ret_count = t->message->count;
	if (done == 0)
		return iov;
	for (int i = 0; i < t->message->count && parts < PARTS; i++) {
		size_t skipped = eft_min(done, iov[i].len);

		done -= skipped;
		if (skipped == iov[i].len)
			continue;
		t->rest[parts].base = (char eft_user *)iov[i].base + skipped;
		t->rest[parts++].len = iov[i].len - skipped;
	}
	*ret_count = parts;
	return t->rest;
}

static bool bounces(const struct eft_iovec *iov, int count)
{
	return eft_hostfile_bounces != NULL && eft_hostfile_bounces(iov, count);
}

/*
 * Sending.
 */

static ssize_t send_once(struct transfer *t, unsigned flags)
{
	const struct eft_message *message = t->message;
	struct eft_msghdr header = {0};
	int handle = t->hs->handle, count;
	const struct eft_iovec *iov = vector(t, &count);

	header.iov = eft_as_user((void *)iov);
	header.iov_len = (size_t)count;
	if (message->name != NULL) {
		header.name = eft_as_user(&message->name->family);
		header.name_len = message->name->len;
	}
	if (message->control != NULL && t->done == 0) {
		header.control = eft_as_user(message->control->data);
		header.control_len = message->control->len;
	}
	if (bounces(iov, count))
		return eft_host_bounce_send(handle, &header, iov, flags);
	if (count == 1 && header.name == NULL && header.control == NULL)
		return eft_host_calls()->send_plain(handle, iov, flags);
	return eft_host_calls()->send(handle, &header, flags);
}

/* (wanted): how many bytes were to be sent. */
eft_inline void note_sent(struct eft_host_socket *hs, uint64_t before,
			  ssize_t n, size_t wanted)
{
	if (n == -EAGAIN || (n >= 0 && hs->drains && (size_t)n < wanted))
		eft_host_not(hs, before, EFT_HOST_OUT);
	else
		eft_host_unknown(hs, n >= 0 ? EFT_HOST_OUT : EFT_HOST_EVENTS);
}

/* MSG_FASTOPEN: the connection is under way, and then takes the message. */
enum { MSG_FASTOPEN = 0x20000000 };

static ssize_t send_some(struct transfer *t, unsigned *flags)
{
	uint64_t before = eft_host_begin(t->hs);
	ssize_t n = send_once(t, *flags);

	note_sent(t->hs, before, n, t->total - t->done);
	if (n == -EINPROGRESS && *flags & MSG_FASTOPEN &&
	    t->message->deadline_ns != 0) {
		*flags &= ~(unsigned)MSG_FASTOPEN;
		t->message->name = NULL;
		n = -EAGAIN;
	}
	return n == -EAGAIN
		       ? eft_host_wait(t->hs, before, t->message->deadline_ns)
		       : n;
}

static ssize_t send_in_parts(struct eft_socket *socket,
			     struct eft_message *message)
{
	struct transfer t = {
		.hs = eft_host_socket_of(socket),
		.message = message,
		.total = eft_iov_total(message->iov, message->count),
	};
	unsigned flags = message->flags;
	bool waits = message->deadline_ns != 0;
	ssize_t n = eft_host_left_error(t.hs);

	if (n != 0)
		return n;
	do {
		n = send_some(&t, &flags);
		if (n > 0)
			t.done += (size_t)n;
		if (n > 0 && (!waits || socket->type != SOCK_STREAM))
			break;
		if (n == 0 && t.total == 0)
			break;
	} while (n >= 0 && t.done < t.total);
	return end_with(&t, n);
}

/*
 * What servers do: nothing but bytes, in one piece of memory that the host can
 * use, without waiting, and the last call has left no error. One call of the
 * host's does it.
 */
eft_inline bool is_plain(const struct eft_host_socket *hs,
			 const struct eft_message *message)
{
	const unsigned harmless = MSG_DONTWAIT | MSG_NOSIGNAL;

	return message->count == 1 && message->deadline_ns == 0 &&
	       !(message->flags & ~harmless) && message->name == NULL &&
	       message->control == NULL && hs->socket.type == SOCK_STREAM &&
	       __atomic_load_n(&hs->error, __ATOMIC_RELAXED) == 0 &&
	       !bounces(message->iov, 1);
}

ssize_t eft_host_send(struct eft_socket *socket, struct eft_message *message)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket);
	uint64_t before = eft_host_begin(hs);
	ssize_t n;

	if (eft_unlikely(!is_plain(hs, message)))
		return send_in_parts(socket, message);
	n = eft_host_calls()->send_plain(hs->handle, message->iov, 0);
	note_sent(hs, before, n, message->iov->len);
	return n;
}

/*
 * Receiving.
 */

enum { ODD = MSG_PEEK | MSG_OOB | MSG_ERRQUEUE | MSG_TRUNC };

static bool wants_header(const struct transfer *t, int count)
{
	return count != 1 || t->message->name != NULL ||
	       t->message->control != NULL || t->hs->socket.type != SOCK_STREAM;
}

/* The host has filled in (header) for (message). */
static void note_header(struct eft_message *message,
			const struct eft_msghdr *header)
{
	message->ret_flags = header->flags & ~(unsigned)MSG_CMSG_CLOEXEC;
	if (message->name != NULL)
		message->name->len =
			eft_min(header->name_len, EFT_SOCKET_NAME_MAX);
	if (message->control != NULL) {
		message->control->len += header->control_len;
		message->control->cut |= (header->flags & MSG_CTRUNC) != 0;
	}
}

static ssize_t receive_once(struct transfer *t, unsigned flags)
{
	struct eft_message *message = t->message;
	struct eft_control *control = message->control;
	struct eft_msghdr header = {0};
	int handle = t->hs->handle, count;
	const struct eft_iovec *iov = vector(t, &count);
	ssize_t n;

	header.iov = eft_as_user((void *)iov);
	header.iov_len = (size_t)count;
	if (message->name != NULL) {
		header.name = eft_as_user(&message->name->family);
		header.name_len = EFT_SOCKET_NAME_MAX;
	}
	if (control != NULL) {
		header.control = eft_as_user(control->data + control->len);
		header.control_len = control->room - control->len;
	}
	if (bounces(iov, count))
		n = eft_host_bounce_receive(handle, &header, iov, flags);
	else if (wants_header(t, count))
		n = eft_host_calls()->receive(handle, &header, flags);
	else
		return eft_host_calls()->receive_plain(handle, iov, flags);
	if (n >= 0)
		note_header(message, &header);
	return n;
}

/*
 * A short read has emptied a stream, unless it ended at something: out-of-band
 * data, the peer's end, an error.
 */
eft_inline void note_received(struct eft_host_socket *hs, uint64_t before,
			      unsigned flags, ssize_t n, size_t wanted)
{
	bool emptied =
		n > 0 && hs->drains && !(flags & ODD) && (size_t)n < wanted &&
		!eft_host_saw(hs, POLLPRI | POLLRDHUP | POLLHUP | POLLERR);

	if ((n == -EAGAIN && !(flags & ODD)) || emptied)
		eft_host_not(hs, before, EFT_HOST_IN);
	else if (n != 0 || flags & ODD)
		eft_host_unknown(hs, EFT_HOST_EVENTS);
}

/* How many bytes a read of a stream waits for. */
static size_t target_of(const struct transfer *t)
{
	size_t least =
		__atomic_load_n(&t->hs->socket.low_water, __ATOMIC_RELAXED);

	if (t->hs->socket.type != SOCK_STREAM ||
	    t->message->flags & (MSG_OOB | MSG_ERRQUEUE))
		return 0;
	return t->message->flags & MSG_WAITALL ? t->total
					       : eft_min(least, t->total);
}

static const unsigned END_EVENTS = POLLRDHUP | POLLHUP | POLLERR;

/* Who waits for a datagram is told of shutdown(2), and who does not is not. */
static bool is_over(const struct eft_host_socket *hs)
{
	return hs->socket.type != SOCK_STREAM &&
	       __atomic_load_n(&hs->no_more, __ATOMIC_SEQ_CST);
}

/*
 * One call, which may wait. What is only looked at is looked at again when
 * there is more. Returns 0 at the end, and *ret_over; or after a wait.
 */
static ssize_t receive_some(struct transfer *t, size_t target, bool *ret_over)
{
	uint64_t before = eft_host_begin(t->hs);
	unsigned flags = t->message->flags & ~(unsigned)MSG_WAITALL;
	uint64_t deadline_ns = t->message->deadline_ns;
	ssize_t n = receive_once(t, flags);

	note_received(t->hs, before, flags, n, t->total - t->done);
	if (n == -EAGAIN && flags & (MSG_OOB | MSG_ERRQUEUE))
		return n; /* Linux does not wait for these */
	*ret_over = n == -EAGAIN && deadline_ns != 0 && is_over(t->hs);
	if (*ret_over)
		return 0;
	if (n == -EAGAIN)
		return eft_host_wait(t->hs, before, deadline_ns);
	*ret_over = n <= 0 || !(flags & MSG_PEEK) || (size_t)n >= target ||
		    deadline_ns == 0 || eft_host_saw(t->hs, END_EVENTS);
	if (!*ret_over && eft_host_wait(t->hs, before, deadline_ns) == 0)
		return 0;
	*ret_over = true;
	return n;
}

static ssize_t receive_in_parts(struct eft_socket *socket,
				struct eft_message *message)
{
	struct transfer t = {
		.hs = eft_host_socket_of(socket),
		.message = message,
		.total = eft_iov_total(message->iov, message->count),
	};
	size_t target = target_of(&t);
	ssize_t n = eft_host_left_error(t.hs);

	if (n != 0)
		return n;
	do {
		bool over = false;

		n = receive_some(&t, target, &over);
		if (n > 0)
			t.done += (size_t)n;
		if (n < 0 || (over && n == 0))
			break;
		if (over && (t.done >= target || message->deadline_ns == 0 ||
			     message->flags & MSG_PEEK))
			break;
	} while (true);
	return end_with(&t, n);
}

ssize_t eft_host_receive(struct eft_socket *socket, struct eft_message *message)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket);
	uint64_t before = eft_host_begin(hs);
	ssize_t n;

	if (eft_unlikely(!is_plain(hs, message)))
		return receive_in_parts(socket, message);
	n = eft_host_calls()->receive_plain(hs->handle, message->iov, 0);
	note_received(hs, before, 0, n, message->iov->len);
	return n;
}

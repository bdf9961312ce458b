// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Sockets that are the host's: what the files of core/net/host share.
 *
 *	struct eft_socket ── handle ── the host's socket
 *
 * The host's calls are made without waiting, and where one says -EAGAIN the
 * thread sleeps on (queue) until there is news. A socket is watched from the
 * first such time on.
 *
 * SEEN  is what is known of poll(2)'s events without asking the host, changed
 *       by news and by what calls tell: a read that found less than it wanted
 *       has emptied a stream. All of it is one word, so that whoever makes a
 *       call sees whether there was news meanwhile: then what his call told may
 *       be old, and the events that it was about are unknown.
 */
#include "core/dev/hostsockets.h"
#include "core/socket.h"
#include "core/thread.h"

struct eft_host_socket {
	struct eft_socket socket;
	int handle;
	bool given;   /* exec has left it: others may have it, too */
	bool no_more; /* atomic; shutdown(2) has ended its receiving */
	bool drains;  /* a short read has emptied it: TCP */

	struct eft_waitq queue; /* woken by news */
	struct eft_host_watch watch;
	uint32_t watched;  /* atomic; 2: it is, 1: somebody is about to */
	uint64_t seen;	   /* atomic; struct of ready.c */
	uint64_t last_use; /* atomic; the round in which a call last ended */

	int error; /* atomic; that a call found after it did something */
	uint64_t linger_ns; /* atomic; how long close() waits; 0: not */
};

extern const struct eft_socket_ops eft_host_socket_ops;

static inline struct eft_host_socket *
eft_host_socket_of(struct eft_socket *socket)
{
	return eft_container_of(socket, struct eft_host_socket, socket);
}

static inline const struct eft_host_sockets *eft_host_calls(void)
{
	return eft_plat_host_sockets();
}

/*
 * inherit.c: a description of the host's socket that exec has left at (handle), by
 * its O_ flags. NULL: it is none, or there is no memory.
 */
struct eft_file *eft_host_socket_inherited(int handle, int flags);

/*
 * host.c: a socket of (handle). NULL: out of memory.
 */
struct eft_host_socket *eft_host_socket_create(int handle, int domain, int type,
					       int protocol);

/*
 * ready.c
 */

/* Events, as a mask, of which all is unknown after a call that may change any. */
#define EFT_HOST_EVENTS                                                \
	(POLLIN | POLLPRI | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | \
	 POLLRDBAND | POLLWRNORM | POLLWRBAND | POLLRDHUP)
#define EFT_HOST_IN  (POLLIN | POLLRDNORM)
#define EFT_HOST_OUT (POLLOUT | POLLWRNORM | POLLWRBAND)

void eft_host_news(struct eft_host_watch *watch, unsigned events,
		   uint64_t round);
/* Before a call of the host's: for the two below. */
static inline uint64_t eft_host_begin(const struct eft_host_socket *hs)
{
	return __atomic_load_n(&hs->seen, __ATOMIC_SEQ_CST);
}
/*
 * After the call that (before) was said for: (events) are not true, or it is
 * unknown whether they are.
 */
void eft_host_not(struct eft_host_socket *hs, uint64_t before, unsigned events);
void eft_host_unknown(struct eft_host_socket *hs, unsigned events);
/* Was one of (events) among the last news? */
bool eft_host_saw(const struct eft_host_socket *hs, unsigned events);
/*
 * Sleep until there is news since (before). 0; -EAGAIN the deadline is over, or
 * 0; -EINTR; -ENOMEM
 */
int eft_host_wait(struct eft_host_socket *hs, uint64_t before,
		  uint64_t deadline_ns);
unsigned eft_host_poll(struct eft_socket *socket, unsigned events,
		       struct eft_poll *poll);
/* No news any more: before the handle is closed. */
void eft_host_unwatch(struct eft_host_socket *hs);

/*
 * transfer.c
 */
ssize_t eft_host_send(struct eft_socket *socket, struct eft_message *message);
ssize_t eft_host_receive(struct eft_socket *socket,
			 struct eft_message *message);
/* The error that a call has left for the next one, which is told now; 0: none. */
int eft_host_left_error(struct eft_host_socket *hs);

/*
 * bounce.c: the host's sendmsg(2) and recvmsg(2), by way of memory of ours, for
 * memory that the host cannot use (eft_hostfile_bounces()).
 */
ssize_t eft_host_bounce_send(int handle, struct eft_msghdr *header,
			     const struct eft_iovec *iov, unsigned flags);
ssize_t eft_host_bounce_receive(int handle, struct eft_msghdr *header,
				const struct eft_iovec *iov, unsigned flags);

/*
 * option.c
 */
int eft_host_get_option(struct eft_socket *socket, int level, int option,
			void *value, unsigned *len);
int eft_host_set_option(struct eft_socket *socket, int level, int option,
			const void *value, unsigned len);
/* An option that is a number; 0 where it cannot be had. */
int eft_host_number(int handle, int option);
bool eft_host_listens(struct eft_socket *socket);
int eft_host_take_error(struct eft_socket *socket);

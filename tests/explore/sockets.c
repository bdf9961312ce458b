// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX: core/net/unix/.
 */
#include "core/abi.h"
#include "core/net/unix/unix.h"
#include "core/thread.h"
#include "core/time.h"
#include "tests/explore/explore.h"

enum { CHUNK = 1000, SMALL = 2000 };

static struct eft_socket *pair[2], *listener, *made;
static unsigned got, done;

/*
 * What is not explored: names, of which there is one, the listener's; and
 * descriptors.
 */
static struct eft_lock names_lock = EFT_LOCK_INIT(EFT_RANK_SOCKET_NAMES);
static struct eft_unix_name *name; /* NULL: the listener is gone */

int eft_unix_check_name(const struct eft_socket_name *wanted)
{
	return 0;
}

int eft_unix_autobind(struct eft_unix *self)
{
	return 0;
}

int eft_unix_bind(struct eft_socket *socket,
		  const struct eft_socket_name *wanted)
{
	return 0;
}

void eft_unix_unbind(struct eft_unix *self)
{
	if (listener == NULL || self != eft_unix(listener))
		return;
	eft_lock(&names_lock);
	name = NULL;
	eft_unlock(&names_lock);
}

int eft_unix_find(const struct eft_socket_name *wanted, int type,
		  struct eft_unix **ret_unix)
{
	int error = -ECONNREFUSED;

	eft_lock(&names_lock);
	if (name != NULL) {
		*ret_unix = eft_unix_get(eft_unix(listener));
		error = 0;
	}
	eft_unlock(&names_lock);
	return error;
}

struct eft_unix_name *eft_unix_name_get(struct eft_unix_name *of)
{
	return of;
}

void eft_unix_name_put(struct eft_unix_name *of)
{
}

struct eft_unix_name *eft_unix_name_of(struct eft_unix *self)
{
	return NULL;
}

struct eft_file *eft_fd_get(int fd)
{
	return eft_file_get(&pair[fd]->file);
}

int eft_fd_limit(int limit)
{
	return 1024;
}

/*
 * Bytes.
 */
static void make(int type)
{
	explore_check(eft_unix_family.pair(type, 0, pair) == 0);
}

static void make_stream(void)
{
	make(SOCK_STREAM);
}

static void make_packets(void)
{
	make(SOCK_SEQPACKET);
}

static ssize_t send_some(struct eft_socket *socket, const void *buf, size_t len)
{
	const struct eft_iovec iov = {(void *)buf, len};

	return socket->file.ops->write(&socket->file, &iov, 1, -1);
}

static ssize_t receive_some(struct eft_socket *socket, void *buf, size_t len)
{
	const struct eft_iovec iov = {buf, len};

	return socket->file.ops->read(&socket->file, &iov, 1, -1);
}

static void send_byte(void)
{
	explore_check(send_some(pair[1], "x", 1) == 1);
}

static void receive_byte(void)
{
	char byte;

	explore_check(receive_some(pair[0], &byte, 1) == 1 && byte == 'x');
	__atomic_fetch_add(&got, 1, __ATOMIC_RELAXED);
}

static void send_and_close(void)
{
	send_byte();
	eft_file_put(&pair[1]->file);
}

static void send_and_shut_down(void)
{
	send_byte();
	explore_check(pair[1]->ops->shutdown(pair[1], SHUT_WR) == 0);
}

/* What was sent before the end comes before it. */
static void receive_until_end(void)
{
	char byte;
	ssize_t n;

	while ((n = receive_some(pair[0], &byte, 1)) == 1)
		__atomic_fetch_add(&got, 1, __ATOMIC_RELAXED);
	explore_check(n == 0);
}

static void got_one(void)
{
	explore_check(got == 1);
}

static void send_bytes(void)
{
	send_byte();
	send_byte();
}

static void got_two(void)
{
	explore_check(got == 2);
}

/*
 * Room: who writes more than fits goes on as it is read, and ends where nobody
 * will read it.
 */
static char bytes[SMALL];

static void make_full(void)
{
	make_stream();
	pair[1]->send_bytes = CHUNK;
	explore_check(send_some(pair[1], bytes, CHUNK) == CHUNK);
}

static void make_full_packets(void)
{
	make_packets();
	pair[1]->send_bytes = CHUNK;
	explore_check(send_some(pair[1], bytes, CHUNK / 2) == CHUNK / 2);
	explore_check(send_some(pair[1], bytes, CHUNK / 2) == CHUNK / 2);
}

static void send_one_more(void)
{
	ssize_t n = send_some(pair[1], "x", 1);

	explore_check(n == 1 || n == -EPIPE || n == -ECONNRESET);
	__atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
}

static void receive_all(void)
{
	char buf[CHUNK];
	size_t left = CHUNK;

	while (left > 0) {
		ssize_t n = receive_some(pair[0], buf, left);

		explore_check(n > 0);
		left -= (size_t)n;
	}
}

static void close_reader(void)
{
	eft_file_put(&pair[0]->file);
}

static void has_sent(void)
{
	explore_check(done == 1);
}

/*
 * Who closes without having read what was sent says so by an error, and not by
 * an end.
 */
static void make_unread(void)
{
	make_stream();
	explore_check(send_some(pair[0], "x", 1) == 1);
}

static void close_unread(void)
{
	eft_file_put(&pair[1]->file);
}

static void receive_reset(void)
{
	char byte;

	explore_check(receive_some(pair[0], &byte, 1) == -ECONNRESET);
}

/*
 * Connections: each that was made is accepted, and finds the other end.
 */
static void make_listener(unsigned backlog)
{
	static struct eft_unix_name its;

	name = &its;
	explore_check(eft_unix_family.create(SOCK_STREAM, 0, &listener) == 0);
	eft_unix(listener)->name = name;
	explore_check(listener->ops->listen(listener, (int)backlog) == 0);
}

static void make_listener_of_none(void)
{
	make_listener(0);
}

static struct eft_socket *connect_one(void)
{
	static const struct eft_socket_name wanted;
	struct eft_socket *socket;
	int error;

	explore_check(eft_unix_family.create(SOCK_STREAM, 0, &socket) == 0);
	error = socket->ops->connect(socket, &wanted, EFT_FOREVER);
	explore_check(error == 0 || error == -ECONNREFUSED);
	__atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
	return error == 0 ? socket : NULL;
}

static void connect_and_send(void)
{
	struct eft_socket *socket = connect_one();

	explore_check(socket != NULL && send_some(socket, "x", 1) == 1);
}

static void accept_and_receive(void)
{
	char byte;

	explore_check(listener->ops->accept(listener, EFT_FOREVER, &made) == 0);
	explore_check(receive_some(made, &byte, 1) == 1);
	__atomic_fetch_add(&got, 1, __ATOMIC_RELAXED);
}

/* Beyond the backlog; the first is there already. */
static void make_busy_listener(void)
{
	make_listener(0);
	explore_check(connect_one() != NULL);
	done = 0;
}

static void connect_beyond(void)
{
	connect_one();
}

static void accept_one(void)
{
	explore_check(listener->ops->accept(listener, EFT_FOREVER, &made) == 0);
}

static void close_listener(void)
{
	eft_file_put(&listener->file);
}

/*
 * poll() of what comes.
 */
static void poll_it(void)
{
	struct eft_pollfd fds = {.fd = 0, .events = POLLIN};

	explore_check(eft_poll(&fds, 1, EFT_FOREVER) == 1);
	explore_check(fds.revents & POLLIN);
}

const struct explore_scenario explore_scenarios[] = {
	{"stream", make_stream, {receive_byte, send_byte}, got_one, 3, 0},
	{"stream of two",
	 make_stream,
	 {receive_byte, receive_byte, send_bytes},
	 got_two,
	 1,
	 0},
	{"stream closed",
	 make_stream,
	 {receive_until_end, send_and_close},
	 got_one,
	 2,

	 0},
	{"stream shut down",
	 make_stream,
	 {receive_until_end, send_and_shut_down},
	 got_one,
	 2,

	 0},
	{"stream full",
	 make_full,
	 {send_one_more, receive_all},
	 has_sent,
	 2,
	 0},
	{"stream full and closed",
	 make_full,
	 {send_one_more, close_reader},
	 has_sent,
	 3,
	 0},
	{"stream reset",
	 make_unread,
	 {receive_reset, close_unread},
	 NULL,
	 2,

	 0},
	{"stream polled", make_stream, {poll_it, send_byte}, NULL, 3, 0},
	{"packets closed",
	 make_packets,
	 {receive_until_end, send_and_close},
	 got_one,
	 2,

	 0},
	{"packets of two",
	 make_packets,
	 {receive_byte, receive_byte, send_bytes},
	 got_two,
	 1,
	 0},
	{"packets full",
	 make_full_packets,
	 {send_one_more, receive_all},
	 has_sent,
	 2,
	 0},
	{"packets full and closed",
	 make_full_packets,
	 {send_one_more, close_reader},
	 has_sent,
	 2,

	 0},
	{"connection",
	 make_listener_of_none,
	 {accept_and_receive, connect_and_send},
	 got_one,
	 2,
	 0},
	{"connection beyond the backlog",
	 make_busy_listener,
	 {connect_beyond, accept_one},
	 has_sent,
	 2,
	 0},
	{"connection to who closes",
	 make_busy_listener,
	 {connect_beyond, close_listener},
	 has_sent,
	 2,

	 0},
	{},
};

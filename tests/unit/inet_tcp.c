// SPDX-License-Identifier: BSD-3-Clause
/*
 * TCP sockets of the stack (core/net/inet), segment by segment: against a peer
 * that is a script, in time that the test makes pass, and over lo.
 */
#include "tests/unit/sockets.h"
#include "tests/unit/tcp_peer.h"

#include "core/net/inet/inet.h"
#include "core/time.h"

#define SECOND 1000000000ul
#define MS     1000000ul

enum { EINPROGRESS_ = 115, PORT = 80, ISS = 5000, BULK = 300000 };
enum { TCP_LEVEL = 6, NO_DELAY = 1 }; /* tcp(7) */

static struct fake_net net;

static void with(void (*function)(void *), void *arg)
{
	static char ip[] = "10.0.0.7/24", ip6[] = "none";

	fake_boot(NULL);
	fake_net_init(&net);
	net.peer = peer_frame;
	tcp_peer_init(&net);
	check(eft_net_option("ip", ip));
	check(eft_net_option("ip6", ip6));
	check_eq(fake_run(function, arg), FAKE_RETURNED);
}

static void sleep_ns(uint64_t ns)
{
	check_eq(eft_sleep(eft_now_ns() + ns), -ETIMEDOUT);
}

static struct eft_socket *tcp_socket(void)
{
	struct eft_socket *socket = NULL;

	check_eq(eft_stack_family(AF_INET)->create(SOCK_STREAM, 0, &socket), 0);
	return socket;
}

/* struct sockaddr_in's (ip(7)). */
static struct eft_socket_name in_name(unsigned a, unsigned d, unsigned port)
{
	struct eft_socket_name name = {.family = AF_INET, .len = 16};
	const uint8_t bytes[] = {port >> 8, port, a, 0, 0, d};

	memcpy(name.data, bytes, sizeof(bytes));
	return name;
}

static struct eft_socket *listener(unsigned a, unsigned d, unsigned port)
{
	struct eft_socket *socket = tcp_socket();
	struct eft_socket_name name = in_name(a, d, port);

	check_eq(socket->ops->bind(socket, &name), 0);
	check_eq(socket->ops->listen(socket, 8), 0);
	return socket;
}

static struct eft_socket *accepted(struct eft_socket *from)
{
	struct eft_socket *socket = NULL;

	check_eq(from->ops->accept(from, 0, &socket), 0);
	return socket;
}

/* A connection that the peer has begun; it said ISS, and hears (*ret_iss). */
static struct eft_socket *opened_by_peer(struct eft_socket *from,
					 uint32_t *ret_iss)
{
	tcp_peer.port = 4000;
	tcp_peer.stack_port = PORT;
	say(SYN, ISS, 0, "", 0);
	sleep_ns(10 * MS);
	*ret_iss = heard_last()->seq;
	say(ACK, ISS + 1, *ret_iss + 1, "", 0);
	sleep_ns(10 * MS);
	forget();
	return accepted(from);
}

/* Has connect() called; it is not waited for. */
static struct eft_socket *connecting(void)
{
	struct eft_socket *socket = tcp_socket();
	struct eft_socket_name name = in_name(10, 1, 7);

	check_eq(socket->ops->connect(socket, &name, 0), -EINPROGRESS_);
	sleep_ns(10 * MS);
	return socket;
}

static int connect_again(struct eft_socket *socket)
{
	struct eft_socket_name name = in_name(10, 1, 7);

	return socket->ops->connect(socket, &name, 0);
}

static ssize_t get(struct eft_socket *socket, void *data, size_t len)
{
	return receive_with(socket, data, len, 0, NULL);
}

static ssize_t put(struct eft_socket *socket, const void *data, size_t len)
{
	return send_with(socket, data, len, NULL);
}

/*
 * Beginning.
 */
static void from_the_peer(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	char data[8];

	tcp_peer.port = 4000;
	tcp_peer.stack_port = PORT;
	say(SYN, ISS, 0, "", 0);
	sleep_ns(10 * MS);
	check_eq(tcp_peer.count, 1);
	check_eq(heard(0)->flags, SYN | ACK);
	check_eq(heard(0)->ack, ISS + 1);
	check_eq(heard(0)->mss, SEGMENT_MAX);
	say(SYN, ISS, 0, "", 0); /* a copy: the answer may be lost */
	sleep_ns(10 * MS);
	check_eq(heard(1)->flags, SYN | ACK);
	check_eq(heard(1)->seq, heard(0)->seq);
	say(ACK | PSH, ISS + 1, heard(0)->seq + 1, "hello", 5);
	sleep_ns(10 * MS);
	socket = accepted(from);
	check_eq(get(socket, data, 8), 5);
	check(memcmp(data, "hello", 5) == 0);
	sleep_ns(MS);
	check_eq(heard_last()->ack, ISS + 6); /* it was read */
	drop(socket);
	drop(from);
}

Test(inet_tcp, opened_by_the_peer)
{
	with(from_the_peer, NULL);
}

static void from_us(void *arg)
{
	struct eft_socket *socket = connecting();
	const struct heard *syn = heard(0);

	check_eq(syn->flags, SYN);
	check_eq(syn->mss, SEGMENT_MAX);
	check_eq(syn->scale, 7);
	check(syn->sack_ok && syn->stamps);
	/* What does not acknowledge the SYN is reset, and changes nothing. */
	say(SYN | ACK, ISS, syn->seq + 2, "", 0);
	sleep_ns(10 * MS);
	check_eq(heard(1)->flags & RST, RST);
	check_eq(connect_again(socket), -EALREADY);
	say(SYN | ACK, ISS, syn->seq + 1, "", 0);
	sleep_ns(10 * MS);
	check_eq(heard_last()->flags, ACK);
	check_eq(heard_last()->ack, ISS + 1);
	check_eq(connect_again(socket), 0);
	check_eq(connect_again(socket), -EISCONN);
	drop(socket);
}

Test(inet_tcp, opened_by_us)
{
	with(from_us, NULL);
}

static void from_both(void *arg)
{
	bool whole = arg != NULL; /* the peer acknowledges with its SYN again */
	struct eft_socket *socket = connecting();
	uint32_t iss = heard(0)->seq;
	char data[8];

	say(SYN, ISS, 0, "", 0);
	sleep_ns(10 * MS);
	check_eq(heard(1)->flags, SYN | ACK);
	check_eq(heard(1)->seq, iss);
	check_eq(heard(1)->ack, ISS + 1);
	check_eq(connect_again(socket), -EALREADY);
	if (whole)
		say(SYN | ACK, ISS, iss + 1, "", 0);
	else
		say(ACK, ISS + 1, iss + 1, "", 0);
	sleep_ns(10 * MS);
	check_eq(connect_again(socket), 0);
	say(ACK, ISS + 1, iss + 1, "both", 4);
	sleep_ns(10 * MS);
	check_eq(get(socket, data, 8), 4);
	forget();
	check_eq(put(socket, "ways", 4), 4);
	sleep_ns(10 * MS);
	check_eq(heard_last()->seq, iss + 1);
	check_eq(heard_last()->len, 4);
	check_eq(heard_last()->ack, ISS + 5);
	drop(socket);
}

Test(inet_tcp, opened_by_both)
{
	with(from_both, NULL);
}
Test(inet_tcp, opened_by_both_that_acknowledge)
{
	with(from_both, &net);
}

static void refused(void *arg)
{
	struct eft_socket *socket = connecting();

	say(RST | ACK, 0, heard(0)->seq + 2, "", 0); /* of something else */
	sleep_ns(10 * MS);
	check_eq(connect_again(socket), -EALREADY);
	say(RST | ACK, 0, heard(0)->seq + 1, "", 0);
	sleep_ns(10 * MS);
	check_eq(connect_again(socket), -ECONNREFUSED);
	drop(socket);
}

Test(inet_tcp, refused)
{
	with(refused, NULL);
}

static void unheard(void *arg)
{
	struct eft_socket *socket = connecting();

	sleep_ns(126 * SECOND);
	check_eq(connect_again(socket), -EALREADY);
	check_eq(tcp_peer.count, 7);
	for (unsigned i = 1; i < 7; i++) { /* after 1, 3, 7 … 63 s */
		uint64_t after = heard(i)->at_ns - heard(i - 1)->at_ns;

		check_eq(heard(i)->seq, heard(0)->seq);
		check(after > (SECOND << (i - 1)) - 200 * MS);
		check(after < (SECOND << (i - 1)) + 200 * MS);
	}
	sleep_ns(2 * SECOND);
	check_eq(connect_again(socket), -ETIMEDOUT);
	drop(socket);
}

Test(inet_tcp, unheard)
{
	with(unheard, NULL);
}

/* Whoever floods leaves room for who means it. */
static void flood(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	uint32_t iss;

	tcp_peer.stack_port = PORT;
	peer_ping(&net, 56, true); /* it knows whom to answer */
	sleep_ns(10 * MS);
	for (unsigned i = 0; i < 2000; i++) {
		tcp_peer.port = 5000 + i;
		say(SYN, 77 * i, 0, "", 0);
		if (i % 16 == 15)
			sleep_ns(MS);
	}
	sleep_ns(10 * MS);
	check_eq(tcp_peer.count, 2000);
	forget();
	socket = opened_by_peer(from, &iss);
	check_eq(put(socket, "x", 1), 1);
	drop(socket);
	drop(from);
}

Test(inet_tcp, flood_of_syns)
{
	with(flood, NULL);
}

/*
 * Who answers what it hears has its acknowledgements go with the answers; who
 * reads only acknowledges at once.
 */
static void answers(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	uint32_t iss, seq = ISS + 1, n;
	char data[8];

	socket = opened_by_peer(from, &iss);
	for (n = 0; n < 4; n++, seq += 3) {
		forget();
		say(ACK | PSH, seq, iss + 1 + 2 * n, "ask", 3);
		sleep_ns(MS);
		check_eq(get(socket, data, 8), 3);
		sleep_ns(MS);
		check_eq(tcp_peer.count, n == 0); /* it is not known yet */
		check_eq(put(socket, "ok", 2), 2);
		sleep_ns(MS);
		check_eq(tcp_peer.count, n == 0 ? 2 : 1);
		check_eq(heard_last()->ack, seq + 3);
		check_eq(heard_last()->len, 2);
	}
	for (n = 0; n < 2; n++, seq += 3) {
		forget();
		say(ACK | PSH, seq, iss + 9, "say", 3);
		sleep_ns(MS);
		check_eq(get(socket, data, 8), 3);
		check_eq(tcp_peer.count, n); /* until there was no answer */
		sleep_ns(200 * MS);
		check_eq(tcp_peer.count, 1);
		check_eq(heard_last()->ack, seq + 3);
	}
	/* Late: it is no answer. */
	check_eq(put(socket, "new", 3), 3);
	say(ACK | PSH, seq, iss + 12, "say", 3);
	sleep_ns(MS);
	forget();
	check_eq(get(socket, data, 8), 3);
	check_eq(tcp_peer.count, 1);
	drop(socket);
	drop(from);
}

Test(inet_tcp, acknowledges_with_answers)
{
	with(answers, NULL);
}

/* Small frames, in one go, of which the device is told so many times. */
static unsigned told_of(struct eft_socket *socket, unsigned count)
{
	unsigned before = net.flushes;

	for (unsigned i = 0; i < count; i++)
		check_eq(put(socket, "frame", 5), 5);
	return net.flushes - before;
}

static void tells(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	int yes = 1;
	uint32_t iss;

	net.net.features |= EFT_NET_DOORBELL;
	socket = opened_by_peer(from, &iss);
	check_eq(socket->ops->set_option(socket, TCP_LEVEL, NO_DELAY, &yes,
					 sizeof(yes)),
		 0);
	check_eq(told_of(socket, 1), 1); /* it may be the only one */
	check_eq(told_of(socket, 1), 0);
	check(net.unflushed);
	eft_yield(); /* to the stack's thread */
	check(!net.unflushed);
	check_eq(told_of(socket, 40), 1 + 39 / 17);
	/* The thread does not run, and the time comes. */
	check(net.unflushed);
	fake_advance(MS);
	check(!net.unflushed);
	eft_yield();
	net.net.features &= ~EFT_NET_DOORBELL;
	check_eq(told_of(socket, 10), 10);
	drop(socket);
	drop(from);
}

Test(inet_tcp, tells_the_device_at_once)
{
	with(tells, NULL);
}

/*
 * The end.
 */
static void half(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	uint32_t iss;
	char data[8];

	socket = opened_by_peer(from, &iss);
	say(FIN | ACK, ISS + 1, iss + 1, "last", 4);
	sleep_ns(100 * MS);
	check_eq(heard_last()->ack, ISS + 6);
	check_eq(get(socket, data, 8), 4);
	check_eq(get(socket, data, 8), 0);
	forget();
	check_eq(put(socket, "more", 4), 4); /* our half goes on */
	sleep_ns(10 * MS);
	check_eq(heard_last()->len, 4);
	say(ACK, ISS + 6, iss + 5, "", 0);
	sleep_ns(10 * MS);
	forget();
	drop(socket);
	sleep_ns(10 * MS);
	check_eq(heard(0)->flags & FIN, FIN);
	say(ACK, ISS + 6, iss + 6, "", 0);
	sleep_ns(200 * SECOND);
	check_eq(tcp_peer.count, 1); /* all is acknowledged: no more comes */
	drop(from);
}

Test(inet_tcp, half_closed)
{
	with(half, NULL);
}

static void waits(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	uint32_t iss;

	socket = opened_by_peer(from, &iss);
	drop(socket);
	sleep_ns(10 * MS);
	check_eq(heard(0)->flags & FIN, FIN);
	say(ACK, ISS + 1, iss + 2, "", 0);
	say(FIN | ACK, ISS + 1, iss + 2, "", 0);
	sleep_ns(100 * MS);
	check_eq(heard_last()->ack, ISS + 2);
	forget();
	say(FIN | ACK, ISS + 1, iss + 2, "", 0); /* our answer was lost */
	sleep_ns(100 * MS);
	check_eq(heard_last()->ack, ISS + 2);
	forget();
	say(RST | ACK, ISS + 2, iss + 2, "", 0); /* RFC 1337 */
	say(SYN, ISS, 0, "", 0);		 /* an old one */
	sleep_ns(100 * MS);
	check(!(heard_last()->flags & SYN));
	forget();
	say(SYN, ISS + 1000, 0, "", 0);
	sleep_ns(10 * MS);
	check_eq(heard_last()->flags, SYN | ACK);
	check_eq(heard_last()->ack, ISS + 1001);
	say(ACK, ISS + 1001, heard_last()->seq + 1, "", 0);
	sleep_ns(10 * MS);
	drop(accepted(from));
	drop(from);
}

Test(inet_tcp, time_wait)
{
	with(waits, NULL);
}

/* Who resets must know where we are (RFC 5961 §3.2, §4.2). */
static void resets(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	uint32_t iss;
	char data[8];

	socket = opened_by_peer(from, &iss);
	say(RST, ISS, iss + 1, "", 0);
	say(RST, ISS + 2000000, iss + 1, "", 0);
	sleep_ns(100 * MS);
	check_eq(tcp_peer.count, 0);
	say(RST, ISS + 2, iss + 1, "", 0);
	sleep_ns(100 * MS);
	check_eq(heard_last()->flags, ACK);
	check_eq(heard_last()->ack, ISS + 1);
	say(SYN, ISS + 2, iss + 1, "", 0);
	sleep_ns(100 * MS);
	check_eq(heard_last()->flags, ACK);
	check_eq(get(socket, data, 8), -EAGAIN);
	say(RST, ISS + 1, iss + 1, "", 0);
	sleep_ns(100 * MS);
	check_eq(get(socket, data, 8), -ECONNRESET);
	check_eq(get(socket, data, 8), 0);
	drop(socket);
	drop(from);
}

Test(inet_tcp, resets)
{
	with(resets, NULL);
}

/*
 * What is lost.
 */
static void again(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	uint64_t gap = 0, next;
	uint32_t iss;
	char data[8];

	socket = opened_by_peer(from, &iss);
	check_eq(put(socket, "lost", 4), 4);
	sleep_ns(1200 * SECOND);
	check_eq(tcp_peer.count, 13);
	for (unsigned i = 1; i < 13; i++, gap = next) {
		next = heard(i)->at_ns - heard(i - 1)->at_ns;
		check_eq(heard(i)->seq, iss + 1);
		check_eq(heard(i)->len, 4);
		check(next + 200 * MS >= gap * (i < 7 ? 2 : 1));
	}
	check(heard(1)->at_ns - heard(0)->at_ns < 2 * SECOND);
	check(gap > 119 * SECOND && gap < 121 * SECOND);
	check_eq(get(socket, data, 8), -ETIMEDOUT);
	drop(socket);
	drop(from);
}

Test(inet_tcp, sent_again)
{
	with(again, NULL);
}

/* The host pauses us: the peer could not have answered. */
static void paused(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	uint32_t iss;

	socket = opened_by_peer(from, &iss);
	check_eq(put(socket, "slow", 4), 4);
	fake_now += 4 * 3600 * SECOND;
	sleep_ns(SECOND);
	check_eq(tcp_peer.count, 2);
	say(ACK, ISS + 1, iss + 5, "", 0);
	sleep_ns(100 * SECOND);
	check_eq(tcp_peer.count, 2);
	check_eq(put(socket, "fast", 4), 4);
	drop(socket);
	drop(from);
}

Test(inet_tcp, paused)
{
	with(paused, NULL);
}

static void closed_window(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	uint32_t iss;

	socket = opened_by_peer(from, &iss);
	check_eq(put(socket, "x", 1), 1);
	sleep_ns(MS);
	tcp_peer.window = 0;
	say(ACK, ISS + 1, iss + 2, "", 0);
	sleep_ns(MS);
	forget();
	check_eq(put(socket, "waits", 5), 5);
	for (unsigned minute = 0; minute < 30; minute++) {
		sleep_ns(60 * SECOND);
		check(tcp_peer.count > 0); /* it probes, and does not give up */
		check(heard_last()->len <= 1);
		forget();
		say(ACK, ISS + 1, iss + 2, "", 0);
	}
	tcp_peer.window = 1000;
	say(ACK, ISS + 1, iss + 2, "", 0);
	sleep_ns(SECOND / 2);
	check_eq(heard_last()->seq + heard_last()->len, iss + 7);
	drop(socket);
	drop(from);
}

Test(inet_tcp, closed_window)
{
	with(closed_window, NULL);
}

static void disorder(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	uint32_t iss;
	char data[16];

	socket = opened_by_peer(from, &iss);
	say(ACK, ISS + 5, iss + 1, "efgh", 4);
	sleep_ns(MS);
	check_eq(heard_last()->ack, ISS + 1);
	check_eq(heard_last()->sacks, 1);
	check_eq(heard_last()->sack_start, ISS + 5);
	check_eq(heard_last()->sack_end, ISS + 9);
	say(ACK, ISS + 5, iss + 1, "efgh", 4); /* twice */
	say(ACK, ISS + 7, iss + 1, "ghij", 4); /* overlaps */
	say(ACK, ISS + 20, iss + 1, "u", 1);   /* stays a hole */
	sleep_ns(MS);
	check_eq(get(socket, data, 16), -EAGAIN);
	say(ACK, ISS + 1, iss + 1, "abcd", 4);
	sleep_ns(MS);
	check_eq(get(socket, data, 16), 10);
	check(memcmp(data, "abcdefghij", 10) == 0);
	check_eq(heard_last()->ack, ISS + 11);
	say(ACK, ISS + 3, iss + 1, "cdef", 4); /* known */
	say(ACK, ISS + 9, iss + 1, "ijkl", 4); /* half of it is new */
	sleep_ns(MS);
	check_eq(get(socket, data, 16), 2);
	check(memcmp(data, "kl", 2) == 0);
	drop(socket);
	drop(from);
}

Test(inet_tcp, disorder)
{
	with(disorder, NULL);
}

/*
 * Many bytes, of which so many in a hundred segments are lost both ways: all of
 * them arrive, and nothing else.
 */
static uint32_t expected, peer_seq;

static char nth(unsigned long n)
{
	return (char)(n * 2654435761u >> 24);
}

static void acknowledge(const struct heard *segment)
{
	uint32_t base = expected;

	for (unsigned i = 0; i < segment->len; i++) {
		if (segment->seq + i != expected)
			continue;
		check_eq((char)segment->data[i], nth(expected));
		expected++;
	}
	if (segment->len > 0 || expected != base)
		say(ACK, peer_seq, expected, "", 0);
}

static void send_all(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	static char data[BULK];
	uint32_t iss;
	size_t done = 0;

	socket = opened_by_peer(from, &iss);
	expected = iss + 1;
	peer_seq = ISS + 1;
	for (unsigned i = 0; i < BULK; i++)
		data[i] = nth(expected + i);
	tcp_peer.answer = acknowledge;
	tcp_peer.lost_in_100 = (unsigned long)arg;
	while (expected != iss + 1 + BULK) {
		ssize_t n = put(socket, data + done, BULK - done);

		check(n > 0 || n == -EAGAIN || done == BULK);
		done += n > 0 ? n : 0;
		sleep_ns(10 * MS);
	}
	tcp_peer.answer = NULL;
	drop(socket);
	drop(from);
}

Test(inet_tcp, sends_without_loss)
{
	with(send_all, (void *)0);
}
Test(inet_tcp, sends_with_a_loss_of_1_percent)
{
	with(send_all, (void *)1);
}
Test(inet_tcp, sends_with_a_loss_of_10_percent)
{
	with(send_all, (void *)10);
}
Test(inet_tcp, sends_with_a_loss_of_30_percent)
{
	with(send_all, (void *)30);
}

/* A device that does checksums, and splits large segments. */
static void send_large(void *arg)
{
	net.net.features |= EFT_NET_SEND_CHECKSUM | EFT_NET_SEND_TCP4;
	send_all(arg);
	net.net.features = 0;
	check(net.splits * 2 > BULK / SEGMENT_MAX); /* most of them */
}

Test(inet_tcp, sends_large_segments)
{
	with(send_large, (void *)0);
}
Test(inet_tcp, sends_large_segments_with_a_loss_of_10_percent)
{
	with(send_large, (void *)10);
}

/* The peer sends from what was acknowledged on, some segments at a time. */
static void receive_all(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	char segment[1000], data[4096];
	uint32_t iss, acked = ISS + 1;
	unsigned long got = 0;
	ssize_t n;

	socket = opened_by_peer(from, &iss);
	tcp_peer.lost_in_100 = (unsigned long)arg;
	while (got < BULK) {
		for (unsigned i = 0; i < 8; i++) {
			uint32_t at = acked + i * (unsigned)sizeof(segment);

			for (unsigned j = 0; j < sizeof(segment); j++)
				segment[j] = nth(at + j - ISS - 1);
			say(ACK, at, iss + 1, segment, sizeof(segment));
		}
		sleep_ns(10 * MS);
		while ((n = get(socket, data, sizeof(data))) > 0) {
			for (ssize_t i = 0; i < n; i++)
				check_eq(data[i], nth(got + i));
			got += n;
		}
		check_eq(n, -EAGAIN);
		acked = heard_last()->ack;
		check(acked == ISS + 1 + got || acked == 0);
	}
	drop(socket);
	drop(from);
}

Test(inet_tcp, receives_with_a_loss_of_1_percent)
{
	with(receive_all, (void *)1);
}
Test(inet_tcp, receives_with_a_loss_of_30_percent)
{
	with(receive_all, (void *)30);
}

/* Connections that are half open when their listener ends. */
static void half_open(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT);
	int ms = 5000;

	check_eq(from->ops->set_option(from, 6, 18, &ms, sizeof(ms)), 0);
	tcp_peer.port = 4000;
	tcp_peer.stack_port = PORT;
	say(SYN, ISS, 0, "", 0);
	sleep_ns(10 * MS);
	check_eq(heard(0)->flags, SYN | ACK);
	drop(from);
	sleep_ns(60000 * MS);
}

Test(inet_tcp, listener_ends_before_its_connections)
{
	with(half_open, NULL);
}

/*
 * TCP_USER_TIMEOUT (RFC 5482): (arg) closes the peer's window, whose probes are
 * answered.
 */
static void answer_probe(const struct heard *segment)
{
	if (segment->len > 0)
		say(ACK, peer_seq, expected, "", 0);
}

static void gives_up(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	int ms = 5000;
	uint64_t begun;
	uint32_t iss;

	socket = opened_by_peer(from, &iss);
	check_eq(socket->ops->set_option(socket, 6, 18, &ms, sizeof(ms)), 0);
	sleep_ns(20000 * MS); /* nothing waits, so that nothing is late */
	check_eq(socket->ops->take_error(socket), 0);
	if (arg != NULL) {
		tcp_peer.window = 0;
		peer_seq = ISS + 1;
		expected = iss + 1;
		say(ACK, peer_seq, expected, "", 0);
		sleep_ns(10 * MS);
		tcp_peer.answer = answer_probe;
	}
	begun = fake_now;
	check_eq(put(socket, "lost", 4), 4);
	sleep_ns(4500 * MS);
	check_eq(socket->ops->take_error(socket), 0);
	while (fake_now < begun + 6000 * MS)
		sleep_ns(100 * MS);
	check_eq(socket->ops->take_error(socket), -ETIMEDOUT);
	check_eq(heard_last()->flags & RST, 0);
	tcp_peer.answer = NULL;
	drop(socket);
	drop(from);
}

Test(inet_tcp, gives_up_after_the_user_timeout)
{
	with(gives_up, NULL);
}
Test(inet_tcp, gives_up_to_probe_after_the_user_timeout)
{
	with(gives_up, (void *)1);
}

static void does_not_give_up(void *arg)
{
	struct eft_socket *from = listener(10, 7, PORT), *socket;
	int ms = 5000;
	uint32_t iss;

	socket = opened_by_peer(from, &iss);
	check_eq(socket->ops->set_option(socket, 6, 18, &ms, sizeof(ms)), 0);
	for (unsigned i = 1; i <= 5; i++) {
		check_eq(put(socket, "x", 1), 1);
		sleep_ns(4000 * MS);
		say(ACK, ISS + 1, iss + 1 + i, "", 0);
		sleep_ns(10 * MS);
		check_eq(socket->ops->take_error(socket), 0);
	}
	drop(socket);
	drop(from);
}

Test(inet_tcp, does_not_give_up_what_is_acknowledged)
{
	with(does_not_give_up, NULL);
}

/*
 * Over lo, whatever the buffers: while a program reads and writes, nothing has
 * to wait for the clock.
 */
struct sizes {
	int receive, send;
	unsigned most; /* bytes of a read or write */
};

static void set(struct eft_socket *socket, unsigned option, int bytes)
{
	if (bytes == 0)
		return;
	if (option == SO_RCVBUF)
		socket->receive_bytes = bytes;
	else
		socket->send_bytes = bytes;
	check_eq(socket->ops->set_option(socket, SOL_SOCKET, option, &bytes,
					 sizeof(bytes)) <= 0,
		 true);
}

static void pump(struct eft_socket *to, struct eft_socket *from,
		 const struct sizes *sizes)
{
	static char data[70000];
	unsigned long sent = 0, got = 0;

	while (got < BULK) {
		ssize_t out, in;

		for (unsigned i = 0; i < sizes->most; i++)
			data[i] = nth(sent + i);
		out = put(to, data, 1 + unit_random(sizes->most));
		check(out > 0 || out == -EAGAIN);
		sent += out > 0 ? out : 0;
		in = get(from, data, 1 + unit_random(sizes->most));
		check(in > 0 || in == -EAGAIN);
		check(out > 0 || in > 0);
		for (ssize_t i = 0; i < in; i++)
			check_eq(data[i], nth(got + i));
		got += in > 0 ? in : 0;
	}
}

static void over_lo(void *arg)
{
	const struct sizes *sizes = arg;
	struct eft_socket *from = listener(127, 1, PORT);
	struct eft_socket *to = tcp_socket(), *end;
	struct eft_socket_name name = in_name(127, 1, PORT);
	uint64_t begun;

	set(from, SO_RCVBUF, sizes->receive);
	set(to, SO_SNDBUF, sizes->send);
	check_eq(to->ops->connect(to, &name, 0), -EINPROGRESS_);
	end = accepted(from);
	begun = fake_now;
	pump(to, end, sizes);
	check_eq(fake_now, begun);
	drop(to);
	drop(end);
	drop(from);
}

Test(inet_tcp, over_lo)
{
	with(over_lo, &(struct sizes){.most = 70000});
}
Test(inet_tcp, over_lo_into_a_small_buffer)
{
	with(over_lo, &(struct sizes){.receive = 8192, .most = 5000});
}
Test(inet_tcp, over_lo_from_a_small_buffer)
{
	with(over_lo, &(struct sizes){.send = 8192, .most = 70000});
}
Test(inet_tcp, over_lo_with_small_buffers)
{
	with(over_lo,
	     &(struct sizes){.receive = 70000, .send = 40000, .most = 70000});
}

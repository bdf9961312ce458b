// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX datagrams: whole messages, from whom they come, queues that fill.
 */
#include <pthread.h>
#include <sys/ioctl.h>

#include "sockets.h"

enum { MESSAGES = 200 };

static void pairs(void)
{
	int pair[2], waiting;
	char buf[8];

	new_pair(SOCK_DGRAM, pair);
	ok(send(pair[0], "first", 5, 0) == 5 && send(pair[0], "", 0, 0) == 0 &&
		   write(pair[0], "third one", 9) == 9,
	   "three messages, one of them empty");
	ok(ioctl(pair[1], FIONREAD, &waiting) == 0 && waiting == 5,
	   "FIONREAD is the first one's");
	ok(reads(pair[1], "first"), "the first");
	ok(recv(pair[1], buf, sizeof(buf), MSG_DONTWAIT) == 0, "the empty one");
	ok(recv(pair[1], buf, 5, 0) == 5 && memcmp(buf, "third", 5) == 0,
	   "a message that is cut");
	fails(recv(pair[1], buf, 8, MSG_DONTWAIT), EAGAIN, "its rest is lost");
	ok(write(pair[0], "0123456789", 10) == 10 &&
		   recv(pair[1], buf, 3, MSG_TRUNC) == 10,
	   "MSG_TRUNC gives the whole length");
	close(pair[0]);
	fails(recv(pair[1], buf, 8, MSG_DONTWAIT), EAGAIN,
	      "no end when the other closes");
	fails(send(pair[1], "x", 1, MSG_NOSIGNAL), ECONNREFUSED,
	      "sending to nobody");
	fails(send(pair[1], "x", 1, MSG_NOSIGNAL), ENOTCONN,
	      "is not connected from then on");
	close(pair[1]);
}

static void lost(void)
{
	int pair[2];
	char buf[8];

	new_pair(SOCK_DGRAM, pair);
	need(send(pair[0], "x", 1, 0) == 1 && send(pair[0], "y", 1, 0) == 1);
	close(pair[0]);
	ok(reads(pair[1], "x"), "what came before the other closed");
	fails(send(pair[1], "x", 1, MSG_NOSIGNAL), ECONNREFUSED,
	      "is lost by who finds out");
	fails(recv(pair[1], buf, 8, MSG_DONTWAIT), EAGAIN, "all of it");
	close(pair[1]);
}

static void names(void)
{
	struct sockaddr_un from;
	socklen_t len = sizeof(from);
	int a = bound(SOCK_DGRAM, "a"), b = bound(SOCK_DGRAM, "b");
	int nameless = new_socket(SOCK_DGRAM);
	char buf[8];

	ok(send_to(a, "hello", 5, "b") == 5, "send to a name");
	ok(recvfrom(b, buf, 8, 0, (struct sockaddr *)&from, &len) == 5 &&
		   is_name(&from, len, "a"),
	   "and see whom it is from");
	ok(sendto(b, "back", 4, 0, (struct sockaddr *)&from, len) == 4 &&
		   reads(a, "back"),
	   "answer");
	len = sizeof(from);
	ok(send_to(nameless, "who", 3, "b") == 3 &&
		   recvfrom(b, buf, 8, 0, (struct sockaddr *)&from, &len) ==
			   3 &&
		   len == 0,
	   "nobody's name is empty");
	len = 4;
	ok(send_to(a, "hello", 5, "b") == 5 &&
		   recvfrom(b, buf, 8, 0, (struct sockaddr *)&from, &len) ==
			   5 &&
		   len == offsetof(struct sockaddr_un, sun_path) + 2,
	   "a short buffer learns the length");
	fails(send_to(a, "x", 1, "none"), ENOENT, "no such name");
	fails(send(a, "x", 1, 0), ENOTCONN, "no name at all");
	close(b);
	fails(send_to(a, "x", 1, "b"), ECONNREFUSED, "a name that nobody has");
	close(a);
	close(nameless);
	unlink("a");
	unlink("b");
}

static void connected(void)
{
	int a = bound(SOCK_DGRAM, "a"), b = bound(SOCK_DGRAM, "b");
	int c = bound(SOCK_DGRAM, "c");
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	char buf[8];

	ok(connect_to(a, "b") == 0 && send(a, "1", 1, 0) == 1 && reads(b, "1"),
	   "a peer needs no name");
	ok(connect_to(b, "a") == 0, "connect back");
	fails(send_to(c, "x", 1, "b"), EPERM, "a third may not send there");
	fails(connect_to(c, "b"), EPERM, "nor connect");
	ok(send_to(a, "2", 1, "c") == 1 && reads(c, "2"),
	   "one's own name is one's own choice");
	ok(send(a, "3", 1, 0) == 1 && reads(b, "3"), "the peer stays");
	need(send(b, "lost", 4, 0) == 4);
	ok(connect_to(a, "c") == 0 && send(a, "4", 1, 0) == 1 && reads(c, "4"),
	   "another peer");
	fails(recv(b, buf, 1, MSG_DONTWAIT), ECONNRESET, "the old one is told");
	fails(recv(a, buf, 1, MSG_DONTWAIT), EAGAIN, "what it sent is lost");
	ok(connect(a, &none, sizeof(none)) == 0, "no peer");
	fails(send(a, "x", 1, 0), ENOTCONN, "indeed");
	fails(listen(a, 1), EOPNOTSUPP, "datagrams do not listen");
	fails(accept(a, NULL, NULL), EOPNOTSUPP, "nor accept");
	close(a);
	close(b);
	close(c);
	unlink("a");
	unlink("b");
	unlink("c");
}

static void *send_many(void *arg)
{
	int fd = *(int *)arg;

	for (int i = 0; i < MESSAGES; i++) {
		if (send(fd, &i, sizeof(i), 0) != sizeof(i))
			return "failed";
	}
	return NULL;
}

static void queues(void)
{
	int to = bound(SOCK_DGRAM, "to"), from = new_socket(SOCK_DGRAM);
	int count = 0, value, in_order = 1;
	static char large[300000];
	pthread_t sender;
	void *result;

	need(connect_to(from, "to") == 0);
	while (send(from, "x", 1, MSG_DONTWAIT) == 1)
		count++;
	ok(errno == EAGAIN && count > 0 && count < 10000, "the queue fills");
	ok(!(polled(from, POLLOUT) & POLLOUT), "not writable then");
	while (recv(to, &value, sizeof(value), MSG_DONTWAIT) == 1)
		count--;
	ok(count == 0, "no message was lost");
	ok(ioctl(from, TIOCOUTQ, &value) == 0 && value == 0,
	   "nothing is on its way");
	ok(polled(from, POLLOUT) & POLLOUT, "writable again");
	need(pthread_create(&sender, NULL, send_many, &from) == 0);
	for (int i = 0; i < MESSAGES; i++)
		in_order &=
			recv(to, &value, sizeof(value), 0) == sizeof(value) &&
			value == i;
	need(pthread_join(sender, &result) == 0);
	ok(in_order && result == NULL, "a sender waits for room");
	fails(send(from, large, sizeof(large), 0), EMSGSIZE,
	      "a message larger than the buffer");
	close(to);
	close(from);
	unlink("to");
}

int main(void)
{
	pairs();
	lost();
	names();
	connected();
	queues();
	return done();
}

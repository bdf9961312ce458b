// SPDX-License-Identifier: BSD-3-Clause
/*
 * Flags of messages: MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_DONTWAIT, MSG_MORE,
 * MSG_OOB.
 */
#include <pthread.h>

#include "inet.h"

static void peek(void)
{
	int pair[2];
	char buf[8] = "";

	connected(AF_INET, pair);
	need(send_all(pair[1], "abc", 3) == 0);
	wait_for(pair[0], POLLIN);
	ok(recv(pair[0], buf, 2, MSG_PEEK) == 2 && memcmp(buf, "ab", 2) == 0,
	   "MSG_PEEK");
	ok(recv(pair[0], buf, 8, MSG_PEEK) == 3 && memcmp(buf, "abc", 3) == 0,
	   "again");
	ok(recv(pair[0], buf, 8, MSG_PEEK | MSG_DONTWAIT) == 3,
	   "without waiting");
	need(polled(pair[0], POLLIN) == POLLIN);
	ok(reads(pair[0], "abc"), "takes nothing");
	close_pair(pair);
}

static void *write_slowly(void *arg)
{
	int fd = *(int *)arg;

	for (int i = 0; i < 10; i++) {
		need(send_all(fd, "12345", 5) == 0);
		poll(NULL, 0, 1);
	}
	shutdown(fd, SHUT_WR);
	return NULL;
}

static void wait_all(void)
{
	int pair[2];
	pthread_t thread;
	char buf[64];

	connected(AF_INET, pair);
	need(pthread_create(&thread, NULL, write_slowly, &pair[1]) == 0);
	ok(recv(pair[0], buf, 32, MSG_WAITALL) == 32, "MSG_WAITALL");
	ok(recv(pair[0], buf, 64, MSG_WAITALL) == 18, "until the end");
	ok(recv(pair[0], buf, 64, MSG_WAITALL) == 0, "which stays");
	need(pthread_join(thread, NULL) == 0);
	close_pair(pair);
}

static void truncate_stream(void)
{
	int pair[2];
	char buf[4] = "????";

	connected(AF_INET, pair);
	need(send_all(pair[1], "abcdef", 6) == 0);
	wait_for(pair[0], POLLIN);
	ok(recv(pair[0], buf, 4, MSG_TRUNC) == 4 && memcmp(buf, "????", 4) == 0,
	   "MSG_TRUNC throws bytes away");
	ok(reads(pair[0], "ef"), "the others stay");
	close_pair(pair);
}

static void truncate_datagram(void)
{
	int pair[2];
	char buf[4];
	struct iovec iov = {buf, 4};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};

	datagrams(AF_INET, pair);
	for (int i = 0; i < 3; i++)
		need(send(pair[1], "abcdef", 6, 0) == 6);
	ok(recv(pair[0], buf, 4, 0) == 4, "a datagram is cut");
	ok(recv(pair[0], buf, 4, MSG_TRUNC) == 6, "MSG_TRUNC says how long");
	ok(recvmsg(pair[0], &header, 0) == 4 && header.msg_flags == MSG_TRUNC,
	   "recvmsg says that it was cut");
	fails(recv(pair[0], buf, 4, MSG_DONTWAIT), EAGAIN, "no more");
	close_pair(pair);
}

static void dont_wait(void)
{
	int pair[2];
	char c;

	connected(AF_INET, pair);
	fails(recv(pair[0], &c, 1, MSG_DONTWAIT), EAGAIN, "MSG_DONTWAIT");
	ok(recv(pair[0], &c, 0, MSG_DONTWAIT) <= 0, "or nothing at all");
	fails(recv(pair[0], &c, 1, MSG_OOB), EINVAL, "nothing is urgent");
	close_pair(pair);
}

static void more(void)
{
	int pair[2];

	connected(AF_INET, pair);
	ok(send(pair[0], "a", 1, MSG_MORE) == 1, "MSG_MORE");
	ok(send(pair[0], "b", 1, 0) == 1 && reads(pair[1], "ab"), "both come");
	close_pair(pair);
	datagrams(AF_INET, pair);
	ok(send(pair[0], "one", 3, MSG_MORE) == 3, "MSG_MORE of a datagram");
	ok(polled(pair[1], POLLIN) == 0, "which is not sent yet");
	ok(send(pair[0], "two", 3, 0) == 3 && reads_one(pair[1], "onetwo"),
	   "both are one");
	close_pair(pair);
}

static void errors_queue(void)
{
	int pair[2];
	char c;

	datagrams(AF_INET, pair);
	fails(recv(pair[0], &c, 1, MSG_ERRQUEUE), EAGAIN,
	      "no errors are queued");
	close_pair(pair);
	connected(AF_INET, pair);
	fails(recv(pair[0], &c, 1, MSG_ERRQUEUE), EAGAIN, "nor here");
	close_pair(pair);
}

int main(void)
{
	peek();
	wait_all();
	truncate_stream();
	truncate_datagram();
	dont_wait();
	more();
	errors_queue();
	return done();
}

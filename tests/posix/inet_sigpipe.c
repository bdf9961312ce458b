// SPDX-License-Identifier: BSD-3-Clause
/*
 * SIGPIPE of a connection that cannot send, and who gets none.
 */
#include <signal.h>
#include <sys/uio.h>

#include "inet.h"

static volatile sig_atomic_t raised;

static void note(int number)
{
	(void)number;
	raised++;
}

static void since(int count, const char *what)
{
	ok(raised == count, what);
	raised = 0;
}

int main(void)
{
	struct sigaction action = {.sa_handler = note};
	struct iovec iov = {(char *)"x", 1};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	int pair[2], fd = new_socket(AF_INET, SOCK_STREAM);

	need(sigaction(SIGPIPE, &action, NULL) == 0);
	connected(AF_INET, pair);
	need(shutdown(pair[0], SHUT_WR) == 0);
	fails(send(pair[0], "x", 1, 0), EPIPE, "send");
	since(1, "raises it");
	fails(write(pair[0], "x", 1), EPIPE, "write");
	since(1, "raises it");
	fails(writev(pair[0], &iov, 1), EPIPE, "writev");
	since(1, "raises it");
	fails(sendmsg(pair[0], &header, 0), EPIPE, "sendmsg");
	since(1, "raises it");
	fails(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE, "MSG_NOSIGNAL");
	since(0, "raises none");
	fails(sendmsg(pair[0], &header, MSG_NOSIGNAL), EPIPE, "of sendmsg");
	since(0, "raises none");
	fails(send(fd, "x", 1, 0), EPIPE, "send before a connection");
	since(1, "raises it");
	need(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	fails(write(pair[0], "x", 1), EPIPE, "where it is ignored");
	close_pair(pair);
	close(fd);
	return done();
}

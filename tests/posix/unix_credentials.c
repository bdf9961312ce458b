// SPDX-License-Identifier: BSD-3-Clause
/*
 * Who is at the other end: SO_PEERCRED, SO_PASSCRED, SCM_CREDENTIALS.
 */
#define _GNU_SOURCE
#include "sockets.h"

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(struct ucred))];
};

static int is_me(const struct ucred *cred)
{
	return cred->pid == getpid() && cred->uid == getuid() &&
	       cred->gid == getgid();
}

/* Receive a byte; whether credentials came, and were ours. */
static int receive(int fd, size_t room, int *flags)
{
	union control control = {.room = {0}};
	char c;
	struct iovec iov = {&c, 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room ? &control : NULL,
		.msg_controllen = room,
	};
	struct cmsghdr *header;
	struct ucred cred;

	need(recvmsg(fd, &message, 0) == 1);
	*flags = message.msg_flags;
	header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_CREDENTIALS ||
	    header->cmsg_len != CMSG_LEN(sizeof(cred)))
		return 0;
	memcpy(&cred, CMSG_DATA(header), sizeof(cred));
	return is_me(&cred);
}

static ssize_t send_cred(int fd, struct ucred cred, size_t len)
{
	union control control = {.room = {0}};
	struct iovec iov = {"x", 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_CREDENTIALS;
	header->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(header), &cred, sizeof(cred));
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static void peers(void)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int pair[2], fd = new_socket(SOCK_STREAM);

	new_pair(SOCK_STREAM, pair);
	ok(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
		   len == sizeof(cred) && is_me(&cred),
	   "the peer of a pair");
	ok(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
		   cred.pid == 0 && cred.uid == (uid_t)-1,
	   "nobody's peer");
	close(fd);
	close_pair(pair);
}

static void passed(int type)
{
	struct ucred me = {getpid(), getuid(), getgid()};
	int pair[2], on = 1, flags;

	new_pair(type, pair);
	need(send(pair[0], "x", 1, 0) == 1);
	ok(!receive(pair[1], sizeof(union control), &flags),
	   "not unless asked for");
	ok(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0,
	   "SO_PASSCRED");
	need(send(pair[0], "x", 1, 0) == 1);
	ok(receive(pair[1], sizeof(union control), &flags) &&
		   !(flags & MSG_CTRUNC),
	   "with every message");
	need(send(pair[0], "x", 1, 0) == 1);
	ok(!receive(pair[1], 0, &flags) && flags & MSG_CTRUNC,
	   "and no room for them");
	ok(send_cred(pair[0], me, sizeof(me)) == 1 &&
		   receive(pair[1], sizeof(union control), &flags),
	   "said by the sender");
	fails(send_cred(pair[0], me, sizeof(me) - 1), EINVAL, "half of it");
	close_pair(pair);
}

/* A message of no bytes has them, the end of all messages has not. */
static void nothing(void)
{
	union control control;
	struct msghdr message = {.msg_control = &control,
				 .msg_controllen = sizeof(control)};
	int pair[2], on = 1;

	new_pair(SOCK_SEQPACKET, pair);
	need(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ==
	     0);
	need(send(pair[0], "", 0, 0) == 0 && shutdown(pair[0], SHUT_WR) == 0);
	ok(recvmsg(pair[1], &message, 0) == 0 &&
		   message.msg_controllen == sizeof(control),
	   "with a message of no bytes");
	ok(recvmsg(pair[1], &message, 0) == 0 && message.msg_controllen == 0 &&
		   message.msg_flags == 0,
	   "not with the end");
	close_pair(pair);
}

/* Who connects with SO_PASSCRED gets a name, if there is where to connect. */
static void named(void)
{
	struct sockaddr_un un = {.sun_family = AF_INET, .sun_path = "name"};
	int fd = new_socket(SOCK_STREAM), on = 1;
	socklen_t len = sizeof(un);

	need(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
	fails(connect(fd, (struct sockaddr *)&un, sizeof(un)), EINVAL,
	      "connect to another family's");
	ok(getsockname(fd, (struct sockaddr *)&un, &len) == 0 &&
		   len == sizeof(sa_family_t),
	   "gives no name");
	un.sun_family = AF_UNIX;
	fails(connect(fd, (struct sockaddr *)&un, sizeof(un)), ENOENT,
	      "connect to nothing");
	len = sizeof(un);
	ok(getsockname(fd, (struct sockaddr *)&un, &len) == 0 &&
		   len == sizeof(sa_family_t) + 6,
	   "gives one");
	close(fd);
}

int main(void)
{
	peers();
	passed(SOCK_STREAM);
	passed(SOCK_DGRAM);
	nothing();
	named();
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * Messages with sizes near the ends of their types, and flags that nobody
 * means: what sendmsg(2), recvmsg(2) and their kin refuse.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "answers.h"

#define COMPAT 0x80000000u /* MSG_CMSG_COMPAT, of 32-bit programs */

/* The kernel's, whose sizes are 64 bits wide. */
struct message {
	void *name;
	unsigned name_len, pad;
	struct iovec *iov;
	size_t iov_len;
	void *control;
	size_t control_len;
	unsigned flags, pad2;
};

static char buf[4096];
static struct iovec vector[1025];

static struct message plain(void)
{
	return (struct message){.iov = vector, .iov_len = 1};
}

static long send_it(int fd, struct message *message, unsigned flags)
{
	return syscall(SYS_sendmsg, fd, message, MSG_DONTWAIT | flags);
}

static long receive_it(int fd, struct message *message, unsigned flags)
{
	return syscall(SYS_recvmsg, fd, message, MSG_DONTWAIT | flags);
}

static void control(int fd)
{
	static const size_t sizes[] = {INT_MAX, 1ul << 31, 1ul << 32, SIZE_MAX};
	struct message message = plain();

	message.control = buf;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char what[60];

		message.control_len = sizes[i];
		snprintf(what, sizeof(what), "control data of %zu bytes",
			 sizes[i]);
		answers(send_it(fd, &message, 0), ENOBUFS, what);
	}
	message.control_len = 5;
	answers(send_it(fd, &message, 0), 0, "of less than a header");
	message.control_len = 16;
	answers(send_it(fd, &message, 0), EINVAL, "of a header that is none");
	message.control = NULL;
	message.control_len = 1ul << 20;
	answers(send_it(fd, &message, 0) < 0 && errno != ENOBUFS ? -1 : 0, 0,
		"none of many bytes");
}

static void vectors(int fd)
{
	struct message message = plain();

	message.iov_len = 1025;
	answers(send_it(fd, &message, 0), EMSGSIZE, "1,025 buffers");
	answers(receive_it(fd, &message, 0), EMSGSIZE, "to receive too");
	message.iov_len = 1ul << 32;
	answers(send_it(fd, &message, 0), EMSGSIZE, "2^32 buffers");
	message.iov_len = SIZE_MAX;
	answers(send_it(fd, &message, 0), EMSGSIZE, "2^64 - 1 buffers");
	message.iov_len = 1;
	vector[0].iov_len = SIZE_MAX;
	answers(send_it(fd, &message, 0), EINVAL, "a buffer of 2^64 - 1");
	vector[0].iov_len = 1;
}

static void names(int fd)
{
	struct message message = plain();

	message.name = buf;
	message.name_len = 1u << 31;
	answers(send_it(fd, &message, 0), EINVAL, "a name of 2^31 bytes");
	answers(receive_it(fd, &message, 0), EINVAL, "to receive too");
	message.name_len = UINT_MAX;
	answers(send_it(fd, &message, 0), EINVAL, "of 2^32 - 1");
	answers(sendto(fd, "x", 1, MSG_DONTWAIT, (void *)buf, 1000), EINVAL,
		"sendto: of 1,000");
	answers(sendto(fd, "x", 1, MSG_DONTWAIT, (void *)buf, -1), EINVAL,
		"of -1");
}

static void flags(int fd, int peer)
{
	struct message message = plain();
	struct {
		struct message header;
		unsigned len, pad;
	} many[2] = {{.header = plain()}, {.header = plain()}};
	struct timespec bad = {0, 1000000000};

	answers(send_it(fd, &message, COMPAT), EINVAL, "sendmsg: 2^31");
	answers(receive_it(peer, &message, COMPAT), EINVAL, "recvmsg");
	answers(syscall(SYS_sendmmsg, fd, many, 2, COMPAT), EINVAL, "sendmmsg");
	answers(syscall(SYS_recvmmsg, peer, many, 1, COMPAT, NULL), EINVAL,
		"recvmmsg");
	answers(syscall(SYS_recvmmsg, peer, many, 1, MSG_DONTWAIT, &bad),
		EINVAL, "a second of nanoseconds");
	answers(send_it(fd, &message, 0), 0, "without it");
	ok(receive_it(peer, &message, MSG_PEEK) == 1, "MSG_PEEK");
	ok(receive_it(peer, &message, MSG_TRUNC) == 1, "MSG_TRUNC");
}

int main(void)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	static const char *const kinds[] = {"stream", "datagram", "packet"};
	int pair[2];

	for (unsigned i = 0; i < 1025; i++)
		vector[i] = (struct iovec){buf, 1};
	for (unsigned i = 0; i < 3; i++) {
		need(socketpair(AF_UNIX, types[i], 0, pair) == 0);
		ok(1, kinds[i]);
		control(pair[0]);
		vectors(pair[0]);
		names(pair[0]);
		while (recv(pair[1], buf, 1, MSG_DONTWAIT) >= 0)
			;
		flags(pair[0], pair[1]);
		close(pair[0]);
		close(pair[1]);
	}
	return done();
}

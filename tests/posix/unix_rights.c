// SPDX-License-Identifier: BSD-3-Clause
/*
 * Descriptors that are passed over AF_UNIX sockets (SCM_RIGHTS).
 */
#include <fcntl.h>

#include "files.h"
#include "sockets.h"

enum { MANY = 20, DEEP = 200, ROOM = 64 };

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(ROOM * sizeof(int))];
};

static ssize_t send_fds(int fd, const char *data, size_t len, const int *fds,
			size_t count)
{
	union control control = {.room = {0}};
	struct iovec iov = {(void *)data, len};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

struct received {
	ssize_t n;
	char data[64];
	size_t count;
	int fds[ROOM];
	int flags;
};

/* Receive with room for (room) descriptors. */
static struct received receive(int fd, size_t len, size_t room, int flags)
{
	union control control = {.room = {0}};
	struct received got = {.count = 0};
	struct iovec iov = {got.data, len};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room > 0 ? &control : NULL,
		.msg_controllen = room > 0 ? CMSG_LEN(room * sizeof(int)) : 0,
	};
	struct cmsghdr *header;

	got.n = recvmsg(fd, &message, flags);
	got.flags = message.msg_flags;
	header = got.n >= 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header != NULL && header->cmsg_type == SCM_RIGHTS) {
		got.count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(got.fds, CMSG_DATA(header), got.count * sizeof(int));
	}
	return got;
}

static void files(void)
{
	int pair[2], fd = open("file", O_CREAT | O_RDWR, 0644);
	struct received got;

	need(fd >= 0);
	new_pair(SOCK_STREAM, pair);
	ok(send_fds(pair[0], "x", 1, &fd, 1) == 1, "send a descriptor");
	close(fd);
	got = receive(pair[1], 8, 1, 0);
	ok(got.n == 1 && got.count == 1, "receive it");
	ok(write(got.fds[0], "text", 4) == 4 && has_text("file", "text"),
	   "it is the file");
	ok((fcntl(got.fds[0], F_GETFD) & FD_CLOEXEC) == 0, "no FD_CLOEXEC");
	ok(send_fds(pair[1], "x", 1, &got.fds[0], 1) == 1, "send it back");
	close(got.fds[0]);
	got = receive(pair[0], 8, 1, MSG_CMSG_CLOEXEC);
	ok(got.count == 1 && fcntl(got.fds[0], F_GETFD) == FD_CLOEXEC,
	   "MSG_CMSG_CLOEXEC");
	ok(lseek(got.fds[0], 0, SEEK_CUR) == 4, "with its position");
	close(got.fds[0]);
	close_pair(pair);
	unlink("file");
}

/* Whether all descriptions of the other end of (fd) are closed. */
static int is_alone(int fd)
{
	return polled(fd, POLLIN) & POLLHUP;
}

static void truncated(void)
{
	int pair[2], tube[2], fds[MANY];
	struct received got;

	new_pair(SOCK_SEQPACKET, pair);
	new_pair(SOCK_STREAM, tube);
	for (int i = 0; i < MANY; i++)
		fds[i] = tube[0];
	ok(send_fds(pair[0], "x", 1, fds, MANY) == 1, "many at once");
	got = receive(pair[1], 8, MANY, 0);
	ok(got.count == MANY && !(got.flags & MSG_CTRUNC), "all arrive");
	for (size_t i = 0; i < got.count; i++)
		close(got.fds[i]);
	need(send_fds(pair[0], "x", 1, fds, MANY) == 1);
	got = receive(pair[1], 8, 3, 0);
	ok(got.count == 3 && got.flags & MSG_CTRUNC, "room for three");
	for (size_t i = 0; i < got.count; i++)
		close(got.fds[i]);
	need(send_fds(pair[0], "x", 1, fds, 1) == 1);
	got = receive(pair[1], 8, 0, 0);
	ok(got.n == 1 && got.flags & MSG_CTRUNC, "room for none");
	need(send_fds(pair[0], "x", 1, fds, 1) == 1);
	ok(reads(pair[1], "x"), "recv drops them");
	close(tube[0]);
	ok(is_alone(tube[1]), "what was dropped is closed");
	close(tube[1]);
	close_pair(pair);
}

static void boundaries(void)
{
	int pair[2], fd = open(".", O_RDONLY);
	struct received got;

	new_pair(SOCK_STREAM, pair);
	need(send_all(pair[0], "ab", 2) == 0);
	need(send_fds(pair[0], "cd", 2, &fd, 1) == 2);
	need(send_all(pair[0], "ef", 2) == 0);
	need(send_fds(pair[0], "gh", 2, &fd, 1) == 2);
	got = receive(pair[1], 1, 1, 0);
	ok(got.n == 1 && got.count == 0, "bytes before have no descriptor");
	got = receive(pair[1], 64, 1, MSG_PEEK);
	ok(got.n == 3 && got.count == 1, "a look gives one too");
	close(got.fds[0]);
	got = receive(pair[1], 64, 1, 0);
	ok(got.n == 3 && memcmp(got.data, "bcd", 3) == 0 && got.count == 1,
	   "a read ends with the message that has one");
	close(got.fds[0]);
	got = receive(pair[1], 3, 1, 0);
	ok(got.n == 3 && got.count == 1, "it comes with the first byte");
	close(got.fds[0]);
	got = receive(pair[1], 64, 1, 0);
	ok(got.n == 1 && got.count == 0, "and once");
	close(fd);
	close_pair(pair);
}

static void on_the_way(void)
{
	int pair[2], tube[2];

	for (int type = 0; type < 2; type++) {
		new_pair(type ? SOCK_SEQPACKET : SOCK_STREAM, pair);
		new_pair(SOCK_STREAM, tube);
		need(send_fds(pair[0], "x", 1, &tube[0], 1) == 1);
		close(tube[0]);
		ok(!is_alone(tube[1]), "open while it is on the way");
		close(pair[0]);
		ok(!is_alone(tube[1]), "also when the sender is gone");
		close(pair[1]);
		ok(is_alone(tube[1]), "closed with who would have got it");
		close(tube[1]);
	}
}

/* Each socket lies in the queue of the one before. */
static void deep(void)
{
	int pair[2], inner[2], last[2], taken = 0;
	struct received got;

	new_pair(SOCK_STREAM, pair);
	new_pair(SOCK_STREAM, last);
	need(send_fds(pair[0], "x", 1, &last[0], 1) == 1);
	close(last[0]);
	for (int i = 0; i < DEEP; i++) {
		int fds[2] = {pair[0], pair[1]};

		new_pair(SOCK_STREAM, inner);
		if (send_fds(inner[0], "x", 1, fds, 2) == 1)
			taken++;
		close_pair(pair);
		memcpy(pair, inner, sizeof(pair));
	}
	ok(taken == DEEP, "sockets within sockets");
	got = receive(pair[1], 1, 2, 0);
	ok(got.count == 2, "come out again");
	close(got.fds[0]);
	close(got.fds[1]);
	close_pair(pair);
	ok(is_alone(last[1]), "or are all closed");
	close(last[1]);
}

/* What O_PATH has opened is sent as all else is (open(2)). */
static void by_path(void)
{
	int pair[2], fd = open("/", O_PATH);
	struct received got;

	new_pair(SOCK_STREAM, pair);
	ok(send_fds(pair[0], "x", 1, &fd, 1) == 1, "a path");
	got = receive(pair[1], 1, 1, 0);
	ok(got.count == 1 && fcntl(got.fds[0], F_GETFL) & O_PATH,
	   "comes as one");
	close(got.fds[0]);
	close(fd);
	close_pair(pair);
}

static void refused(void)
{
	int pair[2], bad = 1000;

	new_pair(SOCK_STREAM, pair);
	fails(send_fds(pair[0], "x", 1, &bad, 1), EBADF, "no descriptor");
	ok(send_fds(pair[0], "x", 1, &bad, 0) == 1, "none at all");
	ok(reads(pair[1], "x"), "nothing came of the others");
	close_pair(pair);
}

int main(void)
{
	files();
	truncated();
	boundaries();
	on_the_way();
	deep();
	by_path();
	refused();
	return done();
}

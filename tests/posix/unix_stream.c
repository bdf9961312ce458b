// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX streams: bytes in order, both ways, also when the buffer fills.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "sockets.h"

enum { BIG = 3 << 20 };

static void small(void)
{
	int pair[2];
	char buf[32];
	int waiting;

	new_pair(SOCK_STREAM, pair);
	ok(write(pair[0], "hello", 5) == 5, "write to one end");
	ok(send(pair[0], " world", 6, 0) == 6, "send after it");
	ok(ioctl(pair[1], FIONREAD, &waiting) == 0 && waiting == 11,
	   "FIONREAD counts both");
	ok(read(pair[1], buf, 3) == 3 && memcmp(buf, "hel", 3) == 0,
	   "a short read");
	ok(read(pair[1], buf, sizeof(buf)) == 8 &&
		   memcmp(buf, "lo world", 8) == 0,
	   "and the rest");
	fails(recv(pair[1], buf, sizeof(buf), MSG_DONTWAIT), EAGAIN,
	      "nothing more");
	ok(write(pair[1], "back", 4) == 4 && reads(pair[0], "back"),
	   "the other way");
	ok(read(pair[1], buf, 0) == 0, "an empty read does not wait");
	ok(write(pair[1], buf, 0) == 0, "an empty write sends nothing");
	fails(recv(pair[0], buf, 1, MSG_DONTWAIT), EAGAIN, "indeed");
	close(pair[0]);
	ok(read(pair[1], buf, sizeof(buf)) == 0, "the end of the stream");
	close(pair[1]);
}

static void vectors(void)
{
	int pair[2];
	char a[4], b[3], c[16];
	struct iovec out[3] = {{"one", 3}, {"", 0}, {"two+three", 9}};
	struct iovec in[3] = {{a, 4}, {b, 3}, {c, 16}};

	new_pair(SOCK_STREAM, pair);
	ok(writev(pair[0], out, 3) == 12, "writev");
	ok(readv(pair[1], in, 3) == 12 && memcmp(a, "onet", 4) == 0 &&
		   memcmp(b, "wo+", 3) == 0 && memcmp(c, "three", 5) == 0,
	   "readv");
	close_pair(pair);
}

static void as_files(void)
{
	struct stat st;
	int pair[2], copy;

	need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
			pair) == 0);
	ok(fstat(pair[0], &st) == 0 && S_ISSOCK(st.st_mode), "a socket's mode");
	ok(fcntl(pair[0], F_GETFL) == (O_RDWR | O_NONBLOCK), "F_GETFL");
	ok(fcntl(pair[0], F_GETFD) == FD_CLOEXEC, "F_GETFD");
	fails(lseek(pair[0], 0, SEEK_SET), ESPIPE, "no seeking");
	fails(pread(pair[0], &st, 1, 0), ESPIPE, "nor pread");
	fails(ftruncate(pair[0], 0), EINVAL, "nor truncating");
	fails(read(pair[0], &st, 1), EAGAIN, "SOCK_NONBLOCK");
	copy = dup(pair[0]);
	close(pair[0]);
	ok(write(copy, "x", 1) == 1 && reads(pair[1], "x"),
	   "a duplicate keeps it open");
	ok(fcntl(copy, F_SETFL, 0) == 0 &&
		   (fcntl(copy, F_GETFL) & O_NONBLOCK) == 0,
	   "F_SETFL");
	close(copy);
	ok(read(pair[1], &st, 1) == 0, "the last one closed is the end");
	close(pair[1]);
}

static unsigned char pattern(size_t i)
{
	return (unsigned char)(i * 7 + (i >> 8) * 13 + (i >> 16));
}

static void *write_big(void *arg)
{
	static unsigned char data[BIG];
	int fd = *(int *)arg;

	for (size_t i = 0; i < BIG; i++)
		data[i] = pattern(i);
	return (void *)(long)send_all(fd, data, BIG);
}

static void big(void)
{
	unsigned char buf[10007];
	size_t at = 0;
	int same = 1, pair[2];
	pthread_t writer;
	void *result;
	ssize_t n;

	new_pair(SOCK_STREAM, pair);
	need(pthread_create(&writer, NULL, write_big, &pair[0]) == 0);
	while (at < BIG && (n = read(pair[1], buf, 1 + at % 10007)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			same &= buf[i] == pattern(at + (size_t)i);
		at += (size_t)n;
	}
	need(pthread_join(writer, &result) == 0);
	ok(result == NULL && at == BIG, "three megabytes arrive");
	ok(same, "in order");
	close_pair(pair);
}

static void full(void)
{
	static char page[4096];
	size_t sent = 0, read_back = 0;
	int pair[2], left;
	ssize_t n;

	new_pair(SOCK_STREAM, pair);
	while ((n = send(pair[0], page, sizeof(page), MSG_DONTWAIT)) > 0)
		sent += (size_t)n;
	ok(n == -1 && errno == EAGAIN, "a full buffer is EAGAIN");
	ok(sent >= 65536, "after a good deal");
	ok(!(polled(pair[0], POLLOUT) & POLLOUT), "and not writable");
	ok(ioctl(pair[0], TIOCOUTQ, &left) == 0 && left >= (int)sent,
	   "TIOCOUTQ knows of it");
	while ((n = recv(pair[1], page, sizeof(page), MSG_DONTWAIT)) > 0)
		read_back += (size_t)n;
	ok(read_back == sent, "all of it comes out");
	ok(polled(pair[0], POLLOUT) & POLLOUT, "writable again");
	ok(ioctl(pair[0], TIOCOUTQ, &left) == 0 && left == 0, "nothing left");
	close_pair(pair);
}

static void *write_slowly(void *arg)
{
	int fd = *(int *)arg;

	for (int i = 0; i < 10; i++)
		send_all(fd, "0123456789", 10);
	return NULL;
}

static void whole(void)
{
	char buf[100];
	int pair[2], same = 1;
	pthread_t writer;

	new_pair(SOCK_STREAM, pair);
	need(pthread_create(&writer, NULL, write_slowly, &pair[0]) == 0);
	ok(recv(pair[1], buf, 100, MSG_WAITALL) == 100, "MSG_WAITALL");
	for (int i = 0; i < 100; i++)
		same &= buf[i] == '0' + i % 10;
	ok(same, "with all the bytes");
	need(pthread_join(writer, NULL) == 0);
	send_all(pair[0], "end", 3);
	close(pair[0]);
	ok(recv(pair[1], buf, 100, MSG_WAITALL) == 3, "cut short by the end");
	close(pair[1]);
}

int main(void)
{
	small();
	vectors();
	as_files();
	big();
	full();
	whole();
	return done();
}

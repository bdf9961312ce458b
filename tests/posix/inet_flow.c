// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ten megabytes to a reader that is slow, and sums of what went and came.
 */
#include <pthread.h>

#include "inet.h"

enum { TOTAL = 10 << 20, MOST = 70000 };

struct transfer {
	int fd;
	unsigned sum;
	int bad;
};

static unsigned char at(size_t i)
{
	return (unsigned char)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

static unsigned add(unsigned sum, const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum << 1 | sum >> 31) ^ data[i];
	return sum;
}

static void *write_all(void *arg)
{
	struct transfer *transfer = arg;
	static unsigned char buf[MOST];
	size_t sent = 0, step = 1;

	while (sent < TOTAL) {
		size_t len = step % MOST + 1;

		if (len > TOTAL - sent)
			len = TOTAL - sent;
		for (size_t i = 0; i < len; i++)
			buf[i] = at(sent + i);
		need(send_all(transfer->fd, buf, len) == 0);
		transfer->sum = add(transfer->sum, buf, len);
		sent += len;
		step = step * 5 + 3;
	}
	need(shutdown(transfer->fd, SHUT_WR) == 0);
	return NULL;
}

static size_t read_all(struct transfer *transfer)
{
	static unsigned char buf[MOST];
	size_t got = 0, step = 7;
	ssize_t n;

	poll(NULL, 0, 20); /* the writer fills all that there is */
	while ((n = recv(transfer->fd, buf, step % MOST + 1, 0)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			transfer->bad |= buf[i] != at(got + (size_t)i);
		transfer->sum = add(transfer->sum, buf, (size_t)n);
		got += (size_t)n;
		step = step * 13 + 1;
	}
	need(n == 0);
	return got;
}

static void transfer(int family)
{
	struct transfer in = {0}, out = {0};
	pthread_t thread;
	int pair[2];

	connected(family, pair);
	out.fd = pair[0];
	in.fd = pair[1];
	need(pthread_create(&thread, NULL, write_all, &out) == 0);
	ok(read_all(&in) == TOTAL, "all bytes came");
	need(pthread_join(thread, NULL) == 0);
	ok(in.sum == out.sum && !in.bad, "and are right");
	close_pair(pair);
}

int main(void)
{
	transfer(AF_INET);
	transfer(AF_INET6);
	return done();
}

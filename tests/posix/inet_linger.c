// SPDX-License-Identifier: BSD-3-Clause
/*
 * close of a connection whose data are still on the way.
 */
#include <pthread.h>

#include "inet.h"

enum { TOTAL = 1 << 20 };

static void *read_all(void *arg)
{
	static char buf[4096];
	ssize_t n, total = 0;
	int fd = *(int *)arg;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		total += n;
	return (void *)(n < 0 ? -1 : total);
}

static void closes(int on, const char *what)
{
	static char block[TOTAL];
	struct linger linger = {on, 60};
	pthread_t thread;
	void *total;
	int pair[2];

	connected(AF_INET, pair);
	need(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &linger,
			sizeof(linger)) == 0);
	need(pthread_create(&thread, NULL, read_all, &pair[1]) == 0);
	need(send_all(pair[0], block, sizeof(block)) == 0);
	ok(close(pair[0]) == 0, what);
	need(pthread_join(thread, &total) == 0);
	ok((long)total == TOTAL, "all data arrive");
	close(pair[1]);
}

int main(void)
{
	closes(0, "close does not wait");
	closes(1, "or waits for data to go");
	return done();
}

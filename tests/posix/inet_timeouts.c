// SPDX-License-Identifier: BSD-3-Clause
/*
 * SO_RCVTIMEO and SO_SNDTIMEO: waits that end.
 */
#include <sys/time.h>
#include <time.h>

#include "inet.h"

static void set_time(int fd, int option)
{
	struct timeval time = {0, 20000};

	need(setsockopt(fd, SOL_SOCKET, option, &time, sizeof(time)) == 0);
}

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void receiving(int fd, const char *what)
{
	long start = now_us();
	char c;

	set_time(fd, SO_RCVTIMEO);
	fails(recv(fd, &c, 1, 0), EAGAIN, what);
	ok(now_us() - start >= 19000, "after a while");
}

static void accepting(void)
{
	int server = listening(AF_INET, 1);
	long start = now_us();

	set_time(server, SO_RCVTIMEO);
	fails(accept(server, NULL, NULL), EAGAIN, "accept ends too");
	ok(now_us() - start >= 19000, "after a while");
	close(server);
}

static void sending(void)
{
	static char block[1 << 20];
	int pair[2];
	ssize_t n, total = 0;

	connected(AF_INET, pair);
	set_time(pair[0], SO_SNDTIMEO);
	for (;;) {
		n = send(pair[0], block, sizeof(block), 0);
		if (n < 0)
			break;
		total += n;
	}
	ok(errno == EAGAIN, "send ends too");
	ok(total > 0, "after what there was room for");
	close_pair(pair);
}

static void part(void)
{
	int pair[2];
	char buf[8];

	connected(AF_INET, pair);
	set_time(pair[0], SO_RCVTIMEO);
	need(send_all(pair[1], "abc", 3) == 0);
	wait_for(pair[0], POLLIN);
	ok(recv(pair[0], buf, 8, MSG_WAITALL) == 3,
	   "MSG_WAITALL ends with a part");
	close_pair(pair);
}

int main(void)
{
	int pair[2], udp = bound(AF_INET, SOCK_DGRAM);

	connected(AF_INET, pair);
	receiving(pair[0], "recv of a connection ends");
	ok(send_all(pair[1], "ab", 2) == 0 && reads(pair[0], "ab"),
	   "it works on");
	receiving(udp, "recv of datagrams ends");
	accepting();
	sending();
	part();
	close_pair(pair);
	close(udp);
	return done();
}

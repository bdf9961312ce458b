// SPDX-License-Identifier: BSD-3-Clause
/*
 * TCP_INFO: the state of a connection, and that other facts make sense.
 */
#define _GNU_SOURCE
#include "inet.h"

static struct tcp_info info_of(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	need(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0);
	return info;
}

static int state(int fd)
{
	return info_of(fd).tcpi_state;
}

static int gets_to(int fd, int wanted)
{
	for (int i = 0; i < 5000; i++) {
		if (state(fd) == wanted)
			return 1;
		poll(NULL, 0, 1);
	}
	return 0;
}

int main(void)
{
	int fd = new_socket(AF_INET, SOCK_STREAM), pair[2];
	struct tcp_info info;
	char state_only;
	socklen_t len = 1;

	ok(state(fd) == TCP_CLOSE, "new");
	need(listen(fd, 1) == 0);
	ok(state(fd) == TCP_LISTEN, "listening");
	close(fd);
	connected(AF_INET, pair);
	info = info_of(pair[0]);
	ok(info.tcpi_state == TCP_ESTABLISHED, "connected");
	ok(info.tcpi_snd_mss > 0 && info.tcpi_snd_cwnd > 0, "sizes");
	ok(getsockopt(pair[0], IPPROTO_TCP, TCP_INFO, &state_only, &len) == 0 &&
		   len == 1 && state_only == TCP_ESTABLISHED,
	   "cut");
	need(shutdown(pair[0], SHUT_WR) == 0);
	ok(gets_to(pair[0], TCP_FIN_WAIT2), "it says no more");
	ok(gets_to(pair[1], TCP_CLOSE_WAIT), "which the other end knows");
	close_pair(pair);
	return done();
}

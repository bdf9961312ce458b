// SPDX-License-Identifier: BSD-3-Clause
/*
 * TCP_CORK and TCP_NODELAY: nothing is lost, and what is held back goes.
 */
#include "inet.h"

int main(void)
{
	int pair[2];

	connected(AF_INET, pair);
	need(set_option(pair[0], IPPROTO_TCP, TCP_CORK, 1) == 0);
	need(send_all(pair[0], "a", 1) == 0 && send_all(pair[0], "b", 1) == 0);
	ok(polled(pair[1], POLLIN) == 0, "a cork holds back");
	need(set_option(pair[0], IPPROTO_TCP, TCP_CORK, 0) == 0);
	ok(reads(pair[1], "ab"), "until it is pulled");
	need(set_option(pair[0], IPPROTO_TCP, TCP_CORK, 1) == 0);
	need(send_all(pair[0], "end", 3) == 0);
	need(shutdown(pair[0], SHUT_WR) == 0);
	ok(reads(pair[1], "end") && ends(pair[1]), "or the end comes");
	close_pair(pair);
	connected(AF_INET, pair);
	need(set_option(pair[0], IPPROTO_TCP, TCP_NODELAY, 1) == 0);
	for (int i = 0; i < 100; i++) {
		need(send_all(pair[0], "x", 1) == 0);
		need(reads(pair[1], "x"));
	}
	ok(1, "TCP_NODELAY");
	close_pair(pair);
	return done();
}

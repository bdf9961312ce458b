// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reads that wait: for the first bytes, not for all; and SO_RCVLOWAT.
 */
#include "inet.h"

int main(void)
{
	char buf[64];
	int pair[2];

	connected(AF_INET, pair);
	need(send_all(pair[1], "abc", 3) == 0);
	ok(read(pair[0], buf, sizeof(buf)) == 3, "what there is");
	need(set_option(pair[0], SOL_SOCKET, SO_RCVLOWAT, 4) == 0);
	need(send_all(pair[1], "abc", 3) == 0);
	poll(NULL, 0, 20);
	ok(polled(pair[0], POLLIN) == 0, "less than SO_RCVLOWAT");
	need(send_all(pair[1], "d", 1) == 0);
	ok(becomes(pair[0], POLLIN, POLLIN), "as much as that");
	ok(read(pair[0], buf, sizeof(buf)) == 4, "is read");
	close_pair(pair);
	return done();
}

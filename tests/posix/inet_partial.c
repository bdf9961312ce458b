// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sends that do not wait take what there is room for.
 */
#include "inet.h"

int main(void)
{
	static char block[8 << 20], in[65536];
	size_t sent = 0, got = 0;
	ssize_t n;
	int pair[2];

	connected(AF_INET, pair);
	nonblocking(pair[0], 1);
	n = send(pair[0], block, sizeof(block), 0);
	ok(n > 0 && n < (ssize_t)sizeof(block), "a part goes");
	sent = (size_t)n;
	/* An acknowledgement may be late, and makes room. */
	for (int full = 0; full < 2; poll(NULL, 0, 100)) {
		n = send(pair[0], block, sizeof(block), 0);
		full = n > 0 ? 0 : full + 1;
		sent += n > 0 ? (size_t)n : 0;
	}
	fails(send(pair[0], block, 1, 0), EAGAIN, "no more");
	need(shutdown(pair[0], SHUT_WR) == 0);
	while ((n = recv(pair[1], in, sizeof(in), 0)) > 0)
		got += (size_t)n;
	ok(got == sent, "what went arrives, and nothing else");
	close_pair(pair);
	return done();
}

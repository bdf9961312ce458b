// SPDX-License-Identifier: BSD-3-Clause
/*
 * A thousand connections in a row, and many at once.
 */
#include "inet.h"

enum { ROW = 1000, AT_ONCE = 200 };

int main(void)
{
	int server = listening(AF_INET, 256), fds[AT_ONCE], made[AT_ONCE];
	int right = 1;

	for (int i = 0; i < ROW; i++) {
		int fd = new_socket(AF_INET, SOCK_STREAM), other;

		need(connect_to(fd, server) == 0);
		other = accept(server, NULL, NULL);
		need(other >= 0);
		right &= send_all(fd, "x", 1) == 0 && reads(other, "x");
		close(fd);
		right &= ends(other);
		close(other);
	}
	ok(right, "a thousand in a row");
	for (int i = 0; i < AT_ONCE; i++) {
		fds[i] = new_socket(AF_INET, SOCK_STREAM);
		need(connect_to(fds[i], server) == 0);
		made[i] = accept(server, NULL, NULL);
		need(made[i] >= 0);
	}
	for (int i = 0; i < AT_ONCE; i++) {
		unsigned char c = (unsigned char)i, in;

		right &= send_all(fds[i], &c, 1) == 0 &&
			 receive_all(made[i], &in, 1) == 0 && in == c;
	}
	ok(right, "200 at once");
	for (int i = 0; i < AT_ONCE; i++) {
		close(fds[i]);
		close(made[i]);
	}
	close(server);
	return done();
}

// SPDX-License-Identifier: BSD-3-Clause
/*
 * FIONREAD, TIOCOUTQ, SIOCATMARK: how much waits.
 */
#include <sys/ioctl.h>
#include <termios.h>

#include "inet.h"

static int asked(int fd, unsigned long request)
{
	int value = -1;

	return ioctl(fd, request, &value) == 0 ? value : -1;
}

static int gets_to(int fd, unsigned long request, int wanted)
{
	for (int i = 0; i < 5000; i++) {
		if (asked(fd, request) == wanted)
			return 1;
		poll(NULL, 0, 1);
	}
	return 0;
}

int main(void)
{
	int pair[2];
	struct termios terminal;

	connected(AF_INET, pair);
	ok(asked(pair[0], FIONREAD) == 0, "nothing waits");
	ok(asked(pair[0], TIOCOUTQ) == 0, "nothing is on the way");
	need(send_all(pair[1], "hello", 5) == 0);
	ok(gets_to(pair[0], FIONREAD, 5), "five bytes wait");
	ok(gets_to(pair[1], TIOCOUTQ, 0), "and are no longer on the way");
	need(reads(pair[0], "he"));
	ok(asked(pair[0], FIONREAD) == 3, "three wait");
	ok(asked(pair[0], SIOCATMARK) == 0, "nothing urgent");
	fails(ioctl(pair[0], TCGETS, &terminal), ENOTTY, "no terminal");
	close_pair(pair);
	datagrams(AF_INET, pair);
	need(send(pair[0], "abc", 3, 0) == 3 &&
	     send(pair[0], "defgh", 5, 0) == 5);
	wait_for(pair[1], POLLIN);
	ok(asked(pair[1], FIONREAD) == 3, "the next datagram's bytes");
	need(reads_one(pair[1], "abc"));
	ok(asked(pair[1], FIONREAD) == 5, "and then the other's");
	close_pair(pair);
	return done();
}

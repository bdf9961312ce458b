// SPDX-License-Identifier: BSD-3-Clause
/*
 * Two descriptors of one socket; and descriptors that are no files.
 */
#include <sys/stat.h>

#include "inet.h"

int main(void)
{
	int pair[2], other;
	struct stat st;
	char c = 0;

	connected(AF_INET, pair);
	other = dup(pair[0]);
	ok(other >= 0, "dup");
	need(fcntl(other, F_SETFL, O_NONBLOCK) == 0);
	ok(fcntl(pair[0], F_GETFL) & O_NONBLOCK, "flags are the socket's");
	nonblocking(pair[0], 0);
	close(pair[0]);
	ok(send_all(other, "on", 2) == 0 && reads(pair[1], "on"),
	   "a descriptor closed, the connection goes on");
	ok(fstat(other, &st) == 0 && S_ISSOCK(st.st_mode), "it is a socket");
	fails(lseek(other, 0, SEEK_SET), ESPIPE, "without a position");
	fails(pread(other, &c, 1, 0), ESPIPE, "nor any to read at");
	ok(write(other, "w", 1) == 1 && read(pair[1], &c, 1) == 1 && c == 'w',
	   "read and write");
	ok(read(pair[1], &c, 0) == 0, "read nothing");
	ok(write(pair[1], &c, 0) == 0, "write nothing");
	close(other);
	ok(ends(pair[1]), "the last one closed, the connection ends");
	close(pair[1]);
	return done();
}

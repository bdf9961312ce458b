// SPDX-License-Identifier: BSD-3-Clause
/* The position of an open file: one thread reads all, the other asks for it. */
#include <unistd.h>

#include "fair.h"

enum { SIZE = 256 << 10 };

static int fd;
static char data[SIZE];

static void read_all(void)
{
	need(read(fd, data, SIZE) >= 0);
	need(lseek(fd, 0, SEEK_SET) == 0);
}

static void ask(void)
{
	need(lseek(fd, 0, SEEK_CUR) >= 0);
}

int main(void)
{
	char name[] = "/tmp/fair-XXXXXX";

	fd = mkstemp(name);
	need(fd >= 0 && unlink(name) == 0);
	need(write(fd, data, SIZE) == SIZE);
	fair(read_all, ask, "who asks for the position has its turn");
	return done();
}
